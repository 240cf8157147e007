// @ts-check
/**
 * The player: one scene as a picture that moves, the code and the formula beside it, a sentence under it, and controls.
 *
 * Nothing here makes code from strings or asks the network, so that it runs under a strict content security policy.
 */

import { grasped, led, nearest } from "./grips.js";
import { Panels } from "./panels.js";
import { Picture } from "./picture.js";
import { Tables } from "./scene.js";

/**
 * @typedef {import("./scene.js").Row} Row
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Table} Table
 * @typedef {{autoplay?: boolean, frame?: number, code?: boolean}} Options play at once; first frame; show the code
 */

const STEP_MS = 400;

export class Player {
  /** @param {HTMLElement} place @param {Scene} scene @param {Options} options */
  constructor(place, scene, options) {
    this.scene = scene;
    this.tables = new Tables(scene);
    this.withCode = options.code ?? true;
    this.index = this.within(options.frame ?? 0);
    this.playing = false;
    this.speed = 1;
    /** @type {number | null} the frame that data glides away from, and since when */
    this.from = null;
    this.began = 0;
    this.request = 0;
    this.stale = true; // data sets that jump still show the frame before
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.panels = new Panels({
      toggle: () => (this.playing ? this.pause() : this.play()),
      step: (by) => this.step(by),
      seek: (index) => this.seek(index),
      setSpeed: (speed) => this.setSpeed(speed),
    });
    this.root = this.panels.root;
    this.root.addEventListener("keydown", (event) => this.key(event));
    /** @type {import("./grips.js").Held | null} */
    this.held = null;
    this.watchPointer(this.panels.stage);
    place.replaceChildren(this.root);
    this.picture = new Picture(this.panels.stage, this.panels.tip);
    this.picture.load(this.tables.pictures());
    this.tell();
    this.ready = this.picture.embed(scene.spec, this.allRows());
    if (options.autoplay) this.ready.then(() => this.play());
  }

  get last() {
    return this.scene.frames.length - 1;
  }

  /** @param {number} index */
  within(index) {
    return Math.min(Math.max(index, 0), this.last);
  }

  tell() {
    this.panels.introduce(this.scene, this.withCode);
    this.panels.tell(this.scene, this.index);
  }

  /** Rows of every data set at this frame. @returns {Record<string, Row[]>} */
  allRows() {
    const tables = { ...this.scene.data, ...this.scene.frames[this.index].data };
    return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, this.tables.rows(table)]));
  }

  play() {
    if (this.last === 0) return;
    if (this.index === this.last) this.go(0, false);
    this.setPlaying(true);
    this.go(this.index + 1, true);
  }

  pause() {
    this.setPlaying(false);
  }

  /** Go to a frame at once. @param {number} index */
  seek(index) {
    this.pause();
    this.go(index, false);
  }

  /** Some frames on or back, gliding. @param {number} by */
  step(by) {
    this.pause();
    this.go(this.index + by, true);
  }

  /** @param {number} speed how many times as fast as a step in 400 ms */
  setSpeed(speed) {
    this.speed = speed;
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    if (playing === this.playing) return;
    this.playing = playing;
    this.panels.showPlaying(playing);
  }

  /** @param {number} index @param {boolean} glides */
  go(index, glides) {
    const from = this.index;
    this.index = this.within(index);
    this.panels.tell(this.scene, this.index);
    this.from = glides && this.index !== from ? from : null;
    this.began = performance.now();
    this.stale = true;
    if (!this.request) this.request = requestAnimationFrame((now) => this.tick(now));
  }

  /** One picture of the screen: move what glides, then rest or go on to the next frame. @param {number} now */
  tick(now) {
    this.request = 0;
    const share = this.from === null ? 1 : Math.min(Math.max((now - this.began) / (STEP_MS / this.speed), 0), 1);
    this.move(share);
    if (share < 1) this.request = requestAnimationFrame((later) => this.tick(later));
    else if (this.playing && this.index < this.last) this.go(this.index + 1, true);
    else this.pause();
  }

  /** Draw the frame's data: what jumps once, what glides at `share` of its way. @param {number} share */
  move(share) {
    const after = this.scene.frames[this.index].data;
    const before = this.from === null ? after : this.scene.frames[this.from].data;
    const gliding = this.calm.matches ? [] : this.scene.tween;
    /** @type {Record<string, Row[]>} */
    const data = {};
    for (const [name, table] of Object.entries(after)) {
      if (this.from !== null && gliding.includes(name)) {
        data[name] = this.tables.between(before[name], table, smooth(share));
      } else if (this.stale) data[name] = this.tables.rows(table);
    }
    this.stale = false;
    if (Object.keys(data).length) this.picture.show(data);
  }

  /** Another scene in the same place, at the same frame: only its data is swapped where the picture is the same.
   * @param {Scene} scene */
  async update(scene) {
    const atEnd = this.index > 0 && this.index === this.last;
    this.pause();
    this.from = null;
    this.scene = scene;
    this.tables = new Tables(scene);
    this.picture.load(this.tables.pictures());
    this.index = atEnd ? this.last : this.within(this.index);
    this.tell();
    const rows = this.allRows();
    await this.picture.arrived(rows);
    // yet another scene may have come meanwhile
    if (this.scene !== scene) return;
    if (this.picture.shows(scene.spec)) this.picture.show(this.picture.changed(rows));
    else this.ready = this.picture.embed(scene.spec, rows);
    await this.ready;
  }

  /** Keys of a player that has the focus. @param {KeyboardEvent} event */
  key(event) {
    const { target, key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || target instanceof HTMLSelectElement) return;
    /** @type {Record<string, () => void>} */
    const actions = {
      " ": () => (this.playing ? this.pause() : this.play()),
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      Home: () => this.seek(0),
      End: () => this.seek(this.last),
    };
    // the space key presses a button that has the focus
    if (!(key in actions) || (key === " " && target instanceof HTMLButtonElement)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }

  /** Let the pointer take and lead what can be grasped. @param {HTMLElement} stage */
  watchPointer(stage) {
    /** @param {MouseEvent | Touch} event */
    const under = (event) => {
      const { view } = this.picture;
      return view && this.scene.grips.length ? grasped(view, this.scene.grips, event) : null;
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.held = under(event);
      if (!this.held) return;
      stage.setPointerCapture(event.pointerId);
      stage.style.cursor = "grabbing";
      this.pause();
    });
    stage.addEventListener("pointermove", (event) => {
      if (this.held) this.lead(this.held, event);
      else stage.style.cursor = under(event) ? "grab" : "";
    });
    for (const end of ["pointerup", "pointercancel"]) {
      stage.addEventListener(end, () => {
        this.held = null;
        stage.style.cursor = "";
      });
    }
    // a finger that takes something does not scroll the page; any other does
    const keep = (/** @type {TouchEvent} */ event) => {
      if (event.touches.length === 1 && under(event.touches[0])) event.preventDefault();
    };
    stage.addEventListener("touchstart", keep, { passive: false });
  }

  /** Somebody leads a mark: whoever can answer with a new picture does, else the frame nearest to it is shown.
   * @param {import("./grips.js").Held} held @param {MouseEvent} event */
  lead(held, event) {
    const { view } = this.picture;
    if (!view) return;
    const detail = led(view, held, event);
    const asked = new CustomEvent("diorama-lead", { detail, bubbles: true, cancelable: true });
    if (!this.root.dispatchEvent(asked)) return;
    const { data } = held.grip;
    const frame = nearest(held, detail, this.scene.frames.map((each) => this.tables.rows(each.data[data])[0]));
    if (frame >= 0 && frame !== this.index) this.seek(frame);
  }

  destroy() {
    cancelAnimationFrame(this.request);
    this.pause();
    this.picture.destroy();
    this.root.remove();
  }
}

/** Slow, fast, slow. @param {number} share */
function smooth(share) {
  return share * share * (3 - 2 * share);
}

/** Put a player of `scene` in `place`. @param {HTMLElement} place @param {Scene} scene @param {Options} [options] */
export function mount(place, scene, options = {}) {
  return new Player(place, scene, options);
}

/** Let a button switch a page between light and dark. @param {HTMLElement} control @param {HTMLElement} [root] */
export function themeSwitch(control, root = document.documentElement) {
  control.addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  });
}
