// @ts-check
/** What stands around the picture: the code, the formula, the sentence, and the controls, which pass on wishes. */

import { button, codeLine, element, formulaPieces, icon, ICONS } from "./elements.js";

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {{
 *   toggle: () => void, step: (by: number) => void, seek: (index: number) => void, setSpeed: (speed: number) => void,
 * }} Wishes
 */

const SPEEDS = [0.25, 0.5, 1, 2, 4];
// a picture that is wider than this has the code under it, not beside
const WIDE = 780;

export class Panels {
  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.stage = element("div", "view", { role: "img" });
    this.caption = element("p", "caption");
    this.narration = element("p", "narration", { "aria-live": "polite" });
    // the longest sentence, unseen, keeps the room that it needs, so that the controls stay where they are
    this.longest = element("p", "longest", { "aria-hidden": "true" });
    this.lines = element("code", "lines");
    const label = { role: "region", "aria-label": "The code that ran", tabindex: "0" };
    this.code = element("div", "code", label, this.lines);
    this.formula = element("div", "formula", { role: "group", "aria-label": "Formula with this frame's numbers" });
    this.side = element("div", "side", {}, this.code, this.formula);
    this.toggle = button("Play", ICONS.play, wishes.toggle);
    this.toggle.classList.add("diorama-play");
    this.scrubber = scrubber(wishes);
    this.count = element("span", "count");
    this.tip = element("div", "tip", { role: "tooltip" });
    this.tip.hidden = true;
    /** @type {string | null} */
    this.shownFormula = null;
    this.controls = this.buildControls(wishes);
    const told = element("div", "told", {}, this.longest, this.narration);
    const picture = element("figure", "picture", {}, this.stage, this.caption);
    this.root = element(
      "section", "player", { role: "group", tabindex: "0", "aria-keyshortcuts": "Space ArrowLeft ArrowRight Home End" },
      element("div", "room", {}, element("div", "layout", {}, picture, told, this.controls, this.side)), this.tip,
    );
  }

  /** @param {Wishes} wishes */
  buildControls({ step, seek, setSpeed }) {
    return element(
      "div", "controls", { role: "group", "aria-label": "Playback" },
      element(
        "div", "buttons", {},
        button("First frame", ICONS.first, () => seek(0)),
        button("Step back", ICONS.back, () => step(-1)),
        this.toggle,
        button("Step forward", ICONS.forward, () => step(1)),
        button("Last frame", ICONS.last, () => seek(Infinity)),
      ),
      this.scrubber, this.count, speeds(setSpeed),
    );
  }

  /** What belongs to a scene as a whole. @param {Scene} scene @param {boolean} withCode */
  introduce(scene, withCode) {
    const lines = withCode ? scene.code.lines : [];
    this.root.setAttribute("aria-label", `${scene.title}, a moving picture`);
    this.caption.textContent = scene.caption;
    this.caption.hidden = !scene.caption;
    this.lines.replaceChildren(...lines.map(codeLine));
    this.code.hidden = !lines.length;
    this.side.hidden = !lines.length && !Object.values(scene.formulas).some(Boolean);
    this.root.toggleAttribute("data-alone", this.side.hidden);
    this.root.toggleAttribute("data-wide", widthOf(scene.spec) > WIDE);
    this.longest.textContent = longestOf(scene.frames.map((frame) => frame.narration));
    // one frame is a picture, and there is nothing to play
    this.controls.hidden = scene.frames.length === 1;
    this.scrubber.max = String(scene.frames.length - 1);
  }

  /** Everything of a frame that is said rather than drawn. @param {Scene} scene @param {number} index */
  tell(scene, index) {
    const frame = scene.frames[index];
    const last = scene.frames.length - 1;
    this.narration.textContent = frame.narration;
    this.stage.setAttribute("aria-label", frame.alt);
    this.count.textContent = `${index} / ${last}`;
    this.scrubber.value = String(index);
    this.scrubber.setAttribute("aria-valuetext", `frame ${index} of ${last}`);
    this.light(scene.code.steps[frame.step]);
    this.fill(scene.formulas[frame.step] ?? scene.formulas[""] ?? "", frame.values);
  }

  /** Light up the line that runs, and bring it into sight within its panel. @param {number | undefined} number */
  light(number) {
    const { code, lines } = this;
    lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = number === undefined ? null : /** @type {HTMLElement | undefined} */ (lines.children[number]);
    if (!line) return;
    line.setAttribute("aria-current", "step");
    const top = line.offsetTop - code.offsetTop;
    const hidden = top < code.scrollTop || top + line.offsetHeight > code.scrollTop + code.clientHeight;
    if (hidden) code.scrollTop = top - code.clientHeight / 2;
  }

  /** Put a frame's numbers into its formula. @param {string} mathml @param {Record<string, string>} values */
  fill(mathml, values) {
    if (mathml !== this.shownFormula) this.formula.replaceChildren(...formulaPieces(mathml));
    this.shownFormula = mathml;
    this.formula.hidden = !mathml;
    for (const slot of this.formula.querySelectorAll("[data-slot]")) {
      slot.textContent = values[slot.getAttribute("data-slot") ?? ""] ?? "";
    }
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    const label = playing ? "Pause" : "Play";
    this.toggle.replaceChildren(icon(playing ? ICONS.pause : ICONS.play));
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = label;
    // a sentence every 400 ms would drown a screen reader: it speaks when the picture rests
    this.narration.setAttribute("aria-live", playing ? "off" : "polite");
  }
}

/** How wide panels side by side are meant to be. @param {Record<string, any>} spec @returns {number} */
function widthOf({ hconcat = [] }) {
  return hconcat.reduce((/** @type {number} */ sum, /** @type {any} */ panel) => sum + (Number(panel.width) || 0), 0);
}

/** @param {string[]} sentences */
function longestOf(sentences) {
  return sentences.reduce((longest, each) => (each.length > longest.length ? each : longest), "");
}

/** @param {Wishes} wishes */
function scrubber({ seek }) {
  const made = document.createElement("input");
  made.className = "diorama-scrubber";
  Object.assign(made, { type: "range", min: "0", step: "1", ariaLabel: "Frame" });
  made.addEventListener("input", () => seek(made.valueAsNumber));
  return made;
}

/** @param {(speed: number) => void} choose */
function speeds(choose) {
  const made = document.createElement("select");
  made.className = "diorama-speed";
  Object.assign(made, { ariaLabel: "Speed", title: "Speed" });
  for (const factor of SPEEDS) made.append(new Option(`${factor}×`, String(factor), factor === 1, factor === 1));
  made.addEventListener("change", () => choose(Number(made.value)));
  return made;
}
