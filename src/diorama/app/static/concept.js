// @ts-check
/** A concept's page: every slider fits the model again. One request is under way at a time, and the latest value wins. */

import { show } from "./stage.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("controls"));

/** What a slider's position means. @param {HTMLInputElement} slider */
function valueOf(slider) {
  const { low, high, scale, start, value } = slider.dataset;
  if (slider.value === start) return String(value);
  if (scale !== "log") return slider.value;
  if (slider.value === slider.min) return String(low);
  if (slider.value === slider.max) return String(high);
  const share = Number(slider.value) / Number(slider.max);
  return String(Number((Number(low) * (Number(high) / Number(low)) ** share).toPrecision(3)));
}

function sliders() {
  return /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=range]")]);
}

/** Show each slider's value beside its name, and to a screen reader. */
function label() {
  for (const slider of sliders()) {
    const value = valueOf(slider);
    const shown = slider.closest("label")?.querySelector("output");
    if (shown) shown.textContent = String(Number(value)).replace("-", "\u2212");
    slider.setAttribute("aria-valuetext", value);
  }
}

/** @returns {URLSearchParams} */
function values() {
  const query = new URLSearchParams();
  for (const slider of sliders()) query.set(slider.name, valueOf(slider));
  for (const choice of form.querySelectorAll("select")) query.set(choice.name, choice.value);
  return query;
}

/** When a control was moved and not yet answered by a picture. */
let moved = 0;
let busy = false;

async function refresh() {
  if (busy) return;
  busy = true;
  while (moved) {
    const since = moved;
    moved = 0;
    await show(values());
    // the next frame of the screen has the picture of the value that was set at `since`: noted for whoever asks
    requestAnimationFrame(() => performance.measure("drag to picture", { start: since, end: performance.now() }));
  }
  busy = false;
}

form.addEventListener("input", () => {
  label();
  moved ||= performance.now();
  refresh();
});
form.addEventListener("reset", () => {
  // the controls have their values back only after this event
  setTimeout(() => {
    label();
    moved = performance.now();
    refresh();
  });
});
// what is dragged in the picture moves its sliders, where it has some
document.getElementById("live")?.addEventListener("diorama-lead", (event) => {
  const { detail } = /** @type {CustomEvent<Record<string, number>>} */ (event);
  const led = sliders().filter((slider) => slider.dataset.axis && slider.dataset.axis in detail);
  if (!led.length) return;
  event.preventDefault();
  for (const slider of led) slider.value = String(detail[/** @type {string} */ (slider.dataset.axis)]);
  form.dispatchEvent(new Event("input"));
});
form.addEventListener("submit", (event) => event.preventDefault());

label();
busy = true;
await show(values());
busy = false;
refresh();
