// @ts-check
/** Vega's picture of a scene: embedded once, then only its data is swapped. window.vegaEmbed must be there. */

import { element } from "./elements.js";
import { lifted } from "./lifting.js";
import { interpreter } from "./interpreter.js";
import { same, sameRows } from "./scene.js";
import { themed } from "./theme.js";

/** @typedef {import("./scene.js").Row} Row */

// panels side by side go under each other below this width
const STACK_BELOW = 520;
// of Vega's log levels
const ONLY_ERRORS = 1;

/** Side by side panels, under each other and equally wide.
 * @param {Record<string, any>} spec */
function stacked(spec) {
  if (!Array.isArray(spec.hconcat)) return spec;
  const { hconcat, ...rest } = spec;
  const width = Math.max(...hconcat.map((panel) => (typeof panel.width === "number" ? panel.width : 0)));
  return { ...rest, vconcat: hconcat.map((panel) => (typeof panel.width === "number" ? { ...panel, width } : panel)) };
}

/** How much of a factor a width or a height takes: a small screen is narrow, not low.
 * @param {string} name @param {number} factor */
const share = (name, factor) => (/height$/i.test(name) ? Math.min(Math.max(factor, 0.75), 1.25) : factor);

/** The specification with its panels scaled. @param {Record<string, any>} spec @param {number} factor @returns {any} */
function scaled(spec, factor) {
  const made = { ...spec };
  for (const name of ["width", "height"]) {
    if (typeof made[name] === "number") made[name] = Math.round(made[name] * share(name, factor));
  }
  for (const name of ["hconcat", "vconcat", "concat"]) {
    if (Array.isArray(made[name])) made[name] = made[name].map((panel) => scaled(panel, factor));
  }
  return made;
}

/** @param {number} factor */
const limited = (factor) => Math.min(Math.max(factor, 0.2), 1.4);

/** @param {string} url */
function loading(url) {
  const image = new Image();
  image.src = url;
  // how Vega knows the picture of an item for the one it should have
  return Object.assign(image, { url });
}

/** Vega's view of one specification: drawn once, fitted to its place, its data swapped. */
export class Picture {
  /** @param {HTMLElement} place @param {HTMLElement} tip */
  constructor(place, tip) {
    this.place = place;
    this.tip = tip;
    /** @type {Record<string, any>} */
    this.spec = {};
    /** @type {import("./lifting.js").Lifted} */
    this.lifted = { spec: {}, numbers: {} };
    /** @type {Record<string, Row[]>} */
    this.data = {};
    /** @type {Record<string, any>} Vega's look, in the colours of this place */
    this.config = {};
    /** @type {any} */
    this.view = null;
    /** @type {{name: string, value: number}[]} */
    this.sizes = [];
    /** @type {Map<string, HTMLImageElement>} */
    this.images = new Map();
    this.turn = 0;
    this.width = 0;
    this.factor = 1;
    this.stacked = false;
    this.failed = false;
    this.late = false; // data came while Vega was at work
    this.finalize = () => {};
    this.unwatch = this.watchSurroundings();
  }

  get narrow() {
    return this.place.clientWidth < STACK_BELOW;
  }

  /** Draw a specification with its data; a later call overtakes an earlier one that is still at work.
   * @param {Record<string, any>} spec @param {Record<string, Row[]>} data */
  async embed(spec, data) {
    const turn = ++this.turn;
    this.spec = spec;
    this.lifted = lifted(spec);
    this.data = { ...data };
    // the old picture stays in sight and takes no more data
    this.view = null;
    this.failed = false;
    this.late = false;
    const host = element("div", "canvas");
    host.style.visibility = "hidden";
    this.place.append(host);
    try {
      this.stacked = this.narrow;
      const { spec: shape, numbers } = this.lifted;
      const laid = scaled(this.stacked ? stacked(shape) : shape, this.factor);
      const params = [...(shape.params ?? []), ...Object.entries(numbers).map(([name, value]) => ({ name, value }))];
      const result = await window.vegaEmbed(host, { ...laid, params, datasets: data }, this.options());
      if (turn !== this.turn) {
        result.finalize();
        host.remove();
        return;
      }
      this.adopt(result);
      await this.fit();
      if (turn !== this.turn) {
        host.remove();
        return;
      }
      this.reveal(host);
      // the place may have changed while Vega was at work
      await this.resized();
    } catch (error) {
      host.remove();
      if (turn === this.turn) this.fail(error);
    }
  }

  options() {
    this.config = themed(this.place);
    return {
      mode: "vega-lite", renderer: "canvas", config: this.config, tooltip: this.showTip.bind(this),
      ast: true, expr: interpreter((url) => this.loaded(url)), logLevel: ONLY_ERRORS,
      actions: false, defaultStyle: false,
    };
  }

  /** @param {any} result */
  adopt(result) {
    this.finalize();
    this.finalize = result.finalize;
    this.view = result.view;
    const { width, height, signals = [] } = result.vgSpec;
    const sizes = [{ name: "width", value: width }, { name: "height", value: height }, ...signals];
    const panels = sizes.filter(({ name, value }) => typeof value === "number" && /(width|height)$/i.test(name));
    this.sizes = panels.map(({ name, value }) => ({ name, value: value / share(name, this.factor) }));
    if (this.late) {
      this.setNumbers();
      this.show(this.data);
    }
  }

  /** @param {HTMLElement} host */
  reveal(host) {
    for (const old of [...this.place.children]) if (old !== host) old.remove();
    host.style.visibility = "";
  }

  /** Whether a specification is drawn or being drawn here. @param {Record<string, any>} spec */
  shows(spec) {
    if (this.failed) return false;
    const { spec: shape, numbers } = lifted(spec);
    if (!same(shape, this.lifted.spec)) return false;
    this.spec = spec;
    this.lifted.numbers = numbers;
    this.setNumbers();
    return true;
  }

  /** Give the view the numbers of the latest specification; they are drawn with its data. */
  setNumbers() {
    for (const [name, value] of Object.entries(this.lifted.numbers)) this.view?.signal(name, value);
  }

  /** Load the pictures that image marks will show. @param {string[]} urls */
  load(urls) {
    this.images = new Map(urls.map((url) => [url, this.images.get(url) ?? loading(url)]));
  }

  /** @param {string} url */
  loaded(url) {
    const image = this.images.get(url);
    return image?.complete && image.naturalWidth ? image : undefined;
  }

  /** Wait for the pictures that these rows show. @param {Record<string, Row[]>} data */
  async arrived(data) {
    const texts = Object.values(data).flatMap((rows) => rows.flatMap((row) => Object.values(row)));
    const images = texts.map((text) => (typeof text === "string" ? this.images.get(text) : undefined));
    await Promise.allSettled(images.map((image) => image?.decode()));
  }

  /** Those data sets that are not as they were shown last: Vega need not look at the others.
   * @param {Record<string, Row[]>} data @returns {Record<string, Row[]>} */
  changed(data) {
    return Object.fromEntries(Object.entries(data).filter(([name, rows]) => !sameRows(rows, this.data[name])));
  }

  /** Swap data sets of the view that is there. @param {Record<string, Row[]>} data */
  show(data) {
    Object.assign(this.data, data);
    // what the pointer was over may be elsewhere now
    this.tip.hidden = true;
    this.late = !this.view;
    if (this.late) return;
    for (const [name, rows] of Object.entries(data)) this.view.data(name, rows);
    this.view.run();
  }

  /** Scale the panels so that the whole picture is as wide as its place; axes and words keep their size. */
  async fit() {
    const room = this.place.clientWidth;
    this.width = room;
    if (!this.view || !room || !this.sizes.length) return;
    const factor = this.factor;
    const width = this.measure();
    if (!width || Math.abs(width - room) <= 2) return;
    const guess = limited((factor * room) / width);
    const guessed = await this.scale(guess);
    if (!guessed || guess === factor || guessed === width) return;
    // the width is panels + the rest, and only the panels scale
    const panels = (guessed - width) / (guess - factor);
    await this.scale(limited(factor + (room - width) / panels));
  }

  /** Scale every panel and tell how wide the picture became. @param {number} factor @returns {Promise<number>} */
  async scale(factor) {
    const { view } = this;
    if (!view) return 0;
    this.factor = factor;
    for (const { name, value } of this.sizes) view.signal(name, Math.round(value * share(name, factor)));
    await view.resize().runAsync();
    return this.measure();
  }

  /** How wide the picture is; 0 when another has begun to take its place. @returns {number} */
  measure() {
    return this.view?.container().querySelector("canvas, svg")?.getBoundingClientRect().width ?? 0;
  }

  /** Fit again after the place changed; side by side and stacked are different specifications. */
  async resized() {
    if (!this.view || !this.place.clientWidth || Math.abs(this.place.clientWidth - this.width) < 2) return;
    // a place that was not on the page had no colours either
    if (this.narrow !== this.stacked || !this.width) await this.embed(this.spec, this.data);
    else await this.fit();
  }

  /** Follow the place's width and the page's colours. @returns {() => void} that ends it */
  watchSurroundings() {
    let colour = getComputedStyle(this.place).color;
    const recolour = () => {
      if (colour === (colour = getComputedStyle(this.place).color)) return;
      this.embed(this.spec, this.data);
    };
    const system = matchMedia("(prefers-color-scheme: dark)");
    const themes = new MutationObserver(recolour);
    const sizes = new ResizeObserver(() => this.resized());
    system.addEventListener("change", recolour);
    for (let at = /** @type {Element | null} */ (this.place); at; at = at.parentElement) {
      themes.observe(at, { attributeFilter: ["data-theme"] });
    }
    sizes.observe(this.place);
    return () => {
      system.removeEventListener("change", recolour);
      themes.disconnect();
      sizes.disconnect();
    };
  }

  destroy() {
    this.turn++;
    this.unwatch();
    this.finalize();
  }

  /** @param {unknown} error */
  fail(error) {
    const message = error instanceof Error ? error.message : String(error);
    const sentence = `This picture could not be drawn: ${message}`;
    this.place.replaceChildren(element("p", "failure", { role: "alert" }, sentence));
    this.finalize();
    this.finalize = () => {};
    this.failed = true;
  }

  /** Vega's tooltip handler. @param {any} _handler @param {MouseEvent} event @param {any} _item
   * @param {(() => any) | null} words what the mark under the pointer says; null when there is none */
  showTip(_handler, event, _item, words) {
    const { tip } = this;
    const value = words?.();
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    const pairs = typeof value === "object" ? Object.entries(value) : [["", value]];
    tip.replaceChildren(...pairs.map(([name, shown]) => {
      return element("div", "", {}, element("span", "tip-name", {}, String(name)), String(shown));
    }));
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 4))}px`;
    tip.style.top = `${Math.max(4, event.clientY - height - 10)}px`;
  }
}
