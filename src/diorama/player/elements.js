// @ts-check
/** What the player is made of: elements, icons, a formula, a line of code. Every text is set as text, never as HTML. */

const MATHML = "http://www.w3.org/1998/Math/MathML";
const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {string} name @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children */
export function element(tag, name, attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = `diorama-${name}`;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param {string} label @param {string} path @param {() => void} press */
export function button(label, path, press) {
  const made = element("button", "button", { type: "button", "aria-label": label, title: label }, icon(path));
  made.addEventListener("click", press);
  return made;
}

/** @param {string} path */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = svg.appendChild(document.createElementNS(SVG, "path"));
  shape.setAttribute("d", path);
  return svg;
}

export const ICONS = {
  first: "M6 5h2.5v14H6z M19 5v14L9.5 12z",
  back: "M17 5v14L6.5 12z",
  play: "M7 4.5v15L19.5 12z",
  pause: "M6.5 5h4v14h-4z M13.5 5h4v14h-4z",
  forward: "M7 5v14l10.5-7z",
  last: "M15.500 5H18v14h-2.500z M5 5v14l9.500-7z",
};

/** MathML from the converter, copied element by element so that nothing else can come with it, in pieces between which
 * a narrow place may break it: after a comma, before an equals sign. @param {string} text @returns {Element[]} */
export function formulaPieces(text) {
  if (!text) return [];
  const copied = copyMath(new DOMParser().parseFromString(text, "application/xml").documentElement);
  /** @type {Element[]} */
  const pieces = [];
  let depth = 0;
  let ended = true;
  for (const part of copied ? partsOf(copied) : []) {
    const { localName, textContent } = part.localName === "mstyle" ? (part.firstElementChild ?? part) : part;
    const shown = textContent ?? "";
    if (ended && localName === "mspace") continue;
    // a short left side stays with its equals sign
    const piece = pieces[pieces.length - 1];
    const begins = depth === 0 && shown === "=" && (piece?.textContent ?? "").length > 8;
    // and what has many numbers to come may end before the next term
    const goesOn = depth === 0 && /^[+\u2212-]$/.test(shown) && (piece?.querySelectorAll("[data-slot]").length ?? 0) > 1;
    if (ended || begins || goesOn) pieces.push(document.createElementNS(MATHML, "math"));
    pieces[pieces.length - 1].append(part);
    depth += (shown.match(/[([{]/g)?.length ?? 0) - (shown.match(/[)\]}]/g)?.length ?? 0);
    ended = depth === 0 && shown === ",";
  }
  for (const piece of pieces) piece.setAttribute("display", "block");
  return pieces;
}

/** What stands side by side in a formula; a style around several of them goes around each.
 * @param {Element} math @returns {Element[]} */
function partsOf(math) {
  const row = math.children.length === 1 && math.children[0].localName === "mrow" ? math.children[0] : math;
  return [...row.children].flatMap((part) => {
    if (part.localName !== "mstyle") return [part];
    return [...part.children].map((child) => {
      const style = /** @type {Element} */ (part.cloneNode(false));
      style.append(child);
      return style;
    });
  });
}

/** @param {Element} from @returns {Element | null} */
function copyMath(from) {
  if (from.namespaceURI !== MATHML || from.localName === "annotation-xml") return null;
  const made = document.createElementNS(MATHML, from.localName);
  for (const { name, value } of from.attributes) {
    if (!/^(on|xmlns|href|xlink|style)/.test(name)) made.setAttribute(name, value);
  }
  for (const child of from.childNodes) {
    if (child instanceof Element) made.append(copyMath(child) ?? "");
    else if (child.nodeType === Node.TEXT_NODE) made.append(child.textContent ?? "");
  }
  return made;
}

const KEYWORDS =
  "and|as|assert|break|class|continue|def|elif|else|except|for|from|if|import|in|is|lambda|not|or|pass|raise|return|" +
  "try|while|with|yield|None|True|False";
const PYTHON = new RegExp(`(?<comment>#.*)|(?<string>"[^"]*"|'[^']*')|(?<arrow>->)|\\b(?<keyword>${KEYWORDS})\\b`, "g");

/** One line of Python, its comments, strings and keywords set apart, its arrows kept whole.
 * @param {string} text */
export function codeLine(text) {
  const line = element("span", "line");
  // a wrapped line goes on two characters deeper than it began
  line.style.setProperty("--indent", `${text.search(/\S|$/) + 2}ch`);
  let at = 0;
  for (const match of text.matchAll(PYTHON)) {
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined);
    line.append(text.slice(at, match.index), element("span", kind ? kind[0] : "", {}, match[0]));
    at = match.index + match[0].length;
  }
  line.append(text.slice(at), "\n");
  return line;
}
