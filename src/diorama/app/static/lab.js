// @ts-check
/** The Lab's form: the table decides the columns, the column suggests the model, the model has its parameters. */

import { ask, find, make, sentenceOf, tell } from "./dom.js";

/**
 * @typedef {{name: string, kind: string, task: string}} Column
 * @typedef {{
 *   key: string, name: string, rows: number, target: string, columns: Column[], notes: string[],
 *   preview: {names: string[], rows: string[][]},
 * }} Table
 */

const form = find("lab", HTMLFormElement);
const dataSet = find("data-set", HTMLSelectElement);
const file = find("file", HTMLInputElement);
const drop = find("drop", HTMLLabelElement);
const target = find("target", HTMLSelectElement);
const model = find("model", HTMLSelectElement);
const train = find("train", HTMLButtonElement);
const preview = find("preview", HTMLElement);
const plan = document.getElementById("plan");

/** @type {Table | null} */
let table = null;
let turn = 0;

/** @param {Promise<Table>} coming */
async function take(coming) {
  const mine = ++turn;
  tell(find("table-trouble", HTMLElement), "");
  train.disabled = true;
  find("shape", HTMLElement).textContent = "Reading the table…";
  try {
    const got = await coming;
    if (mine === turn) showTable(got);
  } catch (error) {
    if (mine !== turn) return;
    table = null;
    preview.hidden = true;
    target.replaceChildren();
    find("shape", HTMLElement).textContent = "";
    tell(find("table-trouble", HTMLElement), sentenceOf(error));
  }
}

/** @param {Table} got */
function showTable(got) {
  table = got;
  train.disabled = false;
  const rows = got.preview.rows.map((row) => make("tr", ...row.map((cell) => make("td", cell))));
  const names = make("tr", ...got.preview.names.map((name) => make("th", name)));
  preview.replaceChildren(make("table", make("thead", names), make("tbody", ...rows)));
  preview.hidden = false;
  const more = got.columns.length - got.preview.names.length;
  const shape = `${got.name}: ${got.rows.toLocaleString("en")} rows, ${got.columns.length} columns`;
  const notes = [more > 0 ? `${shape} (${more} more than shown)` : shape, ...got.notes];
  find("shape", HTMLElement).textContent = `${notes.join(". ")}.`;
  target.replaceChildren(...got.columns.map(({ name, kind }) => new Option(`${name} (${kind})`, name)));
  target.value = got.target;
  suggest();
}

/** The first model for what predicting this column is, unless one for it is chosen already. */
function suggest() {
  const task = table?.columns.find(({ name }) => name === target.value)?.task;
  const chosen = model.selectedOptions[0];
  const fitting = [...model.options].filter((option) => option.dataset.task === task);
  if (chosen?.dataset.task !== "clustering" && !fitting.includes(chosen) && fitting[0]) model.value = fitting[0].value;
  showModel();
}

function showModel() {
  const chosen = model.selectedOptions[0];
  find("summary", HTMLElement).textContent = chosen?.dataset.summary ?? "";
  const clusters = chosen?.dataset.task === "clustering";
  find("target-hint", HTMLElement).textContent = clusters ? "left out: a clustering looks at the other columns" : "";
  for (const part of form.querySelectorAll("[data-model]")) {
    part.toggleAttribute("hidden", part.getAttribute("data-model") !== model.value);
  }
}

function showAbout() {
  const about = document.querySelector(`[data-about="${CSS.escape(dataSet.value)}"]`);
  find("about", HTMLElement).textContent = about?.textContent ?? "";
}

/** @param {File} chosen */
function upload(chosen) {
  dataSet.selectedIndex = 0;
  showAbout();
  take(ask(`/lab/tables?name=${encodeURIComponent(chosen.name)}`, { method: "POST", body: chosen }));
}

/** Parameters that differ from what the model has by itself. */
function parameters() {
  /** @type {Record<string, string>} */
  const given = {};
  const part = form.querySelector(`[data-model="${CSS.escape(model.value)}"]`);
  for (const field of part?.querySelectorAll("[data-parameter]") ?? []) {
    const { value, dataset } = /** @type {HTMLInputElement | HTMLSelectElement} */ (field);
    if (value !== dataset.default) given[dataset.parameter ?? ""] = value;
  }
  return given;
}

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  if (!table) return;
  const trouble = find("trouble", HTMLElement);
  tell(trouble, "");
  train.disabled = true;
  const [test, seed] = [find("test", HTMLSelectElement).value, find("seed", HTMLInputElement).value];
  const wanted = { table: table.key, target: target.value, model: model.value, parameters: parameters(), test, seed };
  const headers = { "Content-Type": "application/json" };
  try {
    const { address } = await ask("/runs", { method: "POST", headers, body: JSON.stringify(wanted) });
    location.assign(address);
  } catch (error) {
    tell(trouble, sentenceOf(error));
    train.disabled = false;
  }
}

/** What an earlier run was, to be changed. @param {HTMLElement} earlier */
function fillFrom(earlier) {
  const { dataset } = earlier;
  if ([...target.options].some(({ value }) => value === dataset.target)) target.value = dataset.target ?? "";
  model.value = dataset.model ?? model.value;
  showModel();
  const part = form.querySelector(`[data-model="${CSS.escape(model.value)}"]`);
  for (const { dataset: each } of /** @type {HTMLTemplateElement} */ (earlier).content.querySelectorAll("i")) {
    const field = part?.querySelector(`[data-parameter="${CSS.escape(each.name ?? "")}"]`);
    if (field) /** @type {HTMLInputElement} */ (field).value = each.value ?? "";
  }
  const test = find("test", HTMLSelectElement);
  if ([...test.options].some(({ value }) => value === dataset.test)) test.value = dataset.test ?? "";
  find("seed", HTMLInputElement).value = dataset.seed ?? "0";
}

dataSet.addEventListener("change", () => {
  showAbout();
  take(ask(`/lab/tables/${encodeURIComponent(dataSet.value)}`));
});
file.addEventListener("change", () => {
  if (file.files?.[0]) upload(file.files[0]);
  // the same file can be chosen again after it was put right
  file.value = "";
});
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const chosen = event.dataTransfer?.files[0];
  if (chosen) upload(chosen);
});
target.addEventListener("change", suggest);
model.addEventListener("change", showModel);
form.addEventListener("submit", submit);

const key = plan?.dataset.table ?? dataSet.value;
if (![...dataSet.options].some(({ value }) => value === key)) dataSet.selectedIndex = 0;
showAbout();
showModel();
await take(ask(`/lab/tables/${encodeURIComponent(key)}`));
if (plan && table) fillFrom(plan);
form.dataset.ready = "true";
