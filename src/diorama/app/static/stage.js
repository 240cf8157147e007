// @ts-check
/** A place on a page where the player plays a scene that the server computes. */

import { mount } from "./player.js";

/** @typedef {import("./player.js").Player} Player */

const live = /** @type {HTMLElement} */ (document.getElementById("live"));
const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
const trouble = /** @type {HTMLElement} */ (document.getElementById("trouble"));

/** @type {Player | null} */
let player = null;

/** Fetch the scene for some values and show it; what goes wrong is said in a sentence.
 * @param {URLSearchParams} [values] */
export async function show(values) {
  const query = values?.toString() ?? "";
  try {
    const response = await fetch(`${live.dataset.scene}${query ? `?${query}` : ""}`);
    const scene = await response.json();
    if (!response.ok) throw new Error(scene.error);
    if (player) await player.update(scene);
    else player = await first(scene);
    trouble.hidden = true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    trouble.textContent = error instanceof TypeError ? "The app does not answer: is it still running?" : message;
    trouble.hidden = false;
    if (!player) stage.replaceChildren();
  }
  stage.setAttribute("aria-busy", "false");
}

/** @param {import("../../player/player.js").Player["scene"]} scene */
async function first(scene) {
  const made = mount(stage, scene);
  await made.ready;
  return made;
}
