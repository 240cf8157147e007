// @ts-check
/** A run's page: its progress while it trains; then its replay. */

import { find } from "./dom.js";

const WIDTH = 600;
const HEIGHT = 120;
// more points than pixels show nothing more
const MOST_POINTS = 1200;

/** @typedef {{phase: string, iteration: number, max_iter: number, part: string, objective: number | null}} Progress */

/** @param {HTMLElement} place */
function follow(place) {
  /** @type {number[]} */
  const objectives = [];
  const source = new EventSource(place.dataset.events ?? "");
  source.addEventListener("progress", (event) => {
    const progress = JSON.parse(/** @type {MessageEvent} */ (event).data);
    if (progress.objective !== null) objectives.push(progress.objective);
    if (objectives.length > MOST_POINTS) objectives.splice(1, 1);
    showProgress(progress, objectives);
  });
  source.addEventListener("over", () => {
    source.close();
    location.reload();
  });
}

/** @param {Progress} progress @param {number[]} objectives */
function showProgress({ phase, iteration, max_iter: most, part, objective }, objectives) {
  const words = part ? `${phase}, ${part}` : phase;
  const said = find("phase", HTMLElement);
  // only what changed is spoken by a screen reader
  if (said.textContent !== `${words}…`) said.textContent = `${words[0].toUpperCase()}${words.slice(1)}…`;
  const bar = find("bar", HTMLProgressElement);
  if (phase === "fitting" && most) [bar.max, bar.value] = [most, iteration];
  else bar.removeAttribute("value");
  if (most) find("step", HTMLElement).textContent = `${iteration} of at most ${most}`;
  if (objective !== null) find("objective", HTMLElement).textContent = objective.toPrecision(5);
  document.querySelector("#curve polyline")?.setAttribute("points", points(objectives));
}

/** @param {number[]} values */
function points(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const across = WIDTH / Math.max(values.length - 1, 1);
  const up = (HEIGHT - 8) / (high - low || 1);
  return values.map((value, i) => `${(i * across).toFixed(1)},${(HEIGHT - 4 - (value - low) * up).toFixed(1)}`).join(" ");
}

const progress = document.getElementById("progress");
if (progress) follow(progress);
if (document.getElementById("live")) {
  const { show } = await import("./stage.js");
  await show();
}

const copy = document.getElementById("copy");
copy?.addEventListener("click", async () => {
  await navigator.clipboard.writeText(find("python-code", HTMLElement).textContent ?? "");
  copy.textContent = "Copied";
});
