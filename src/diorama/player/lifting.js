// @ts-check
/** The numbers of a specification that change while a slider moves, where the axes end, set apart
 * as Vega's parameters: a picture of the same shape then takes new numbers, and is not made anew. */

/** @typedef {{spec: Record<string, any>, numbers: Record<string, number>}} Lifted */

/** @param {Record<string, any>} spec @returns {Lifted} */
export function lifted(spec) {
  /** @type {Record<string, number>} */
  const numbers = {};
  try {
    return { spec: walk(spec, "at", numbers), numbers };
  } catch {
    // layers that share an axis and end it differently: the picture is drawn anew each time
    return { spec, numbers: {} };
  }
}

/** @param {any} part @param {string} path @param {Record<string, number>} numbers @returns {any} */
function walk(part, path, numbers) {
  if (Array.isArray(part)) {
    // layers of one panel share their axes, so a number of one is that of all
    const named = path.endsWith("_layer");
    return part.map((each, i) => walk(each, named ? path : `${path}_${i}`, numbers));
  }
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => {
    if (key === "domain" && path.endsWith("_scale") && Array.isArray(value) && value.every(Number.isFinite)) {
      return [key, value.map((end, i) => lift(end, `${path}_${i}`, numbers))];
    }
    return [key, walk(value, `${path}_${key}`, numbers)];
  }));
}

/** @param {number} value @param {string} name @param {Record<string, number>} numbers */
function lift(value, name, numbers) {
  if (name in numbers && numbers[name] !== value) throw new RangeError(name);
  numbers[name] = value;
  return { expr: name };
}
