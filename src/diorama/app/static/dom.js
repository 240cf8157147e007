// @ts-check
/** Elements from data. Every text is set as text, so that a name from a file is never taken for HTML. */

/** @param {string} tag @param {(Node | string)[]} children */
export function make(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}

/** @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
export function find(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} called ${id}`);
  return found;
}

/** Show a sentence in its place, or hide the place. @param {HTMLElement} place @param {string} sentence */
export function tell(place, sentence) {
  place.textContent = sentence;
  place.hidden = !sentence;
}

/** The JSON of an answer; its sentence is thrown when it is a refusal.
 * @param {string} address @param {RequestInit} [options] */
export async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("The app does not answer: is it still running?");
  }
  const plain = await response.json();
  if (!response.ok) throw new Error(plain.error);
  return plain;
}

/** @param {unknown} error */
export function sentenceOf(error) {
  return error instanceof Error ? error.message : String(error);
}
