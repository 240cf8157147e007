// @ts-check
/** What every page has: light and dark, the drawer, the search. */

const root = document.documentElement;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

byId("theme").addEventListener("click", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // it holds for this page at least
  }
});

const menu = byId("menu");
const contents = byId("contents");

/** @param {boolean} open */
function openDrawer(open) {
  menu.setAttribute("aria-expanded", String(open));
  contents.classList.toggle("open", open);
  if (open) contents.querySelector("a")?.focus();
}

menu.addEventListener("click", () => openDrawer(menu.getAttribute("aria-expanded") !== "true"));
document.addEventListener("click", (event) => {
  const target = /** @type {Node} */ (event.target);
  if (contents.classList.contains("open") && !contents.contains(target) && !menu.contains(target)) openDrawer(false);
});

const search = /** @type {HTMLInputElement} */ (byId("search"));

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.key === "Escape" && contents.classList.contains("open")) {
    openDrawer(false);
    menu.focus();
  }
  const writes = target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes) return;
  event.preventDefault();
  search.focus();
  search.select();
});

/** On the contents page, what is found while writing. */
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const chapter of document.querySelectorAll(".chapter")) {
    let here = 0;
    for (const card of chapter.querySelectorAll(".card")) {
      const text = card.getAttribute("data-words")?.toLowerCase() ?? "";
      const shown = words.every((word) => text.includes(word));
      card.toggleAttribute("hidden", !shown);
      here += Number(shown);
    }
    chapter.toggleAttribute("hidden", !here);
    found += here;
  }
  byId("none").hidden = found > 0;
}

if (document.getElementById("found")) search.addEventListener("input", filter);
