// @ts-check
/**
 * Vega's expressions without eval: each syntax tree becomes nested functions once, which then run for every mark.
 *
 * A content security policy without 'unsafe-eval' forbids the functions that Vega makes from text. The interpreter that
 * comes with it walks the tree anew for each mark and channel, which misses 60 frames a second at 2 000 marks.
 * vega-embed takes this one as its option `expr`; what it must offer: operator, parameter, event, handler, encode.
 *
 * @typedef {{params: any, datum?: any, event?: any, item?: any}} Scope
 * @typedef {(scope: Scope) => any} Compiled
 * @typedef {Record<string, any> & {type: string}} Tree
 */

/** @type {Record<string, (a: any, b: any) => any>} */
const BINARY = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "%": (a, b) => a % b,
  ">": (a, b) => a > b, "<": (a, b) => a < b, ">=": (a, b) => a >= b, "<=": (a, b) => a <= b,
  "==": (a, b) => a == b, "!=": (a, b) => a != b, "===": (a, b) => a === b, "!==": (a, b) => a !== b,
  "&": (a, b) => a & b, "|": (a, b) => a | b, "^": (a, b) => a ^ b,
  "<<": (a, b) => a << b, ">>": (a, b) => a >> b, ">>>": (a, b) => a >>> b,
};

/** @type {Record<string, (a: any) => any>} */
const UNARY = { "-": (a) => -a, "+": (a) => +a, "!": (a) => !a, "~": (a) => ~a };

/** @type {Record<string, any>} */
const CONSTANTS = {
  NaN, E: Math.E, LN2: Math.LN2, LN10: Math.LN10, LOG2E: Math.LOG2E, LOG10E: Math.LOG10E, PI: Math.PI,
  SQRT1_2: Math.SQRT1_2, SQRT2: Math.SQRT2, MIN_VALUE: Number.MIN_VALUE, MAX_VALUE: Number.MAX_VALUE, undefined,
};

// what the expression language has beside the functions that Vega's own context brings
const MATH = ["abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "exp", "floor", "hypot", "log", "max"].concat(
  ["min", "pow", "random", "round", "sin", "sqrt", "tan"],
);
const DATES = {
  day: "Day", date: "Date", year: "FullYear", month: "Month", hours: "Hours", minutes: "Minutes", seconds: "Seconds",
  milliseconds: "Milliseconds",
};

/** @type {Record<string, (...values: any[]) => any>} */
const FUNCTIONS = {
  isNaN: Number.isNaN,
  isFinite: Number.isFinite,
  clamp: (value, low, high) => Math.max(low, Math.min(high, value)),
  now: Date.now,
  utc: Date.UTC,
  datetime: (first, ...rest) => (rest.length ? new Date(first, rest[0], ...rest.slice(1)) : new Date(first)),
  time: (date) => new Date(date).getTime(),
  timezoneoffset: (date) => new Date(date).getTimezoneOffset(),
  length: (list) => list.length,
  join: (list, ...rest) => list.join(...rest),
  indexof: (list, ...rest) => list.indexOf(...rest),
  lastindexof: (list, ...rest) => list.lastIndexOf(...rest),
  slice: (list, ...rest) => list.slice(...rest),
  reverse: (list) => list.slice().reverse(),
  sort: (list) => list.slice().sort((/** @type {any} */ a, /** @type {any} */ b) => (a < b ? -1 : a > b ? 1 : 0)),
  parseFloat,
  parseInt,
  upper: (text) => String(text).toUpperCase(),
  lower: (text) => String(text).toLowerCase(),
  substring: (text, ...rest) => String(text).substring(...(/** @type {[number, number]} */ (rest))),
  split: (text, ...rest) => String(text).split(...(/** @type {[string, number]} */ (rest))),
  replace: (text, ...rest) => String(text).replace(...(/** @type {[string, string]} */ (rest))),
  trim: (text) => String(text).trim(),
  btoa: (text) => btoa(text),
  atob: (text) => atob(text),
  regexp: (pattern, flags) => new RegExp(pattern, flags),
  test: (pattern, text) => RegExp(pattern).test(text),
};
for (const name of MATH) FUNCTIONS[name] = /** @type {any} */ (Math)[name];
for (const [name, part] of Object.entries(DATES)) {
  FUNCTIONS[name] = (date) => /** @type {any} */ (new Date(date))[`get${part}`]();
  FUNCTIONS[`utc${name}`] = (date) => /** @type {any} */ (new Date(date))[`getUTC${part}`]();
}
// what a canvas has no use for: the words that an SVG's elements carry (the player says a frame's own)
const UNSEEN = ["aria", "ariaRole", "ariaRoleDescription", "description"];
const OF_EVENT = ["view", "item", "group", "xy", "x", "y"];

/** A property of an object; never a function, so that no expression gets hold of one.
 * @param {any} object @param {string | number} key */
function member(object, key) {
  const value = object[key];
  if (typeof value === "function") throw new Error(`an expression may not use ${String(key)}, which is a function`);
  return value;
}

/** How each kind of node is compiled; `functions` are those of Vega's context.
 * @type {Record<string, (tree: Tree, functions: any) => Compiled>} */
const NODES = {
  Literal: ({ value }) => () => value,
  Identifier({ name }) {
    if (name === "datum") return (scope) => scope.datum;
    if (name === "event") return (scope) => scope.event;
    if (name === "item") return (scope) => scope.item;
    if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
    const key = `$${name}`;
    return (scope) => scope.params[key];
  },
  MemberExpression(tree, functions) {
    const object = compile(tree.object, functions);
    if (!tree.computed) return (scope) => member(object(scope), tree.property.name);
    const key = compile(tree.property, functions);
    return (scope) => member(object(scope), key(scope));
  },
  CallExpression(tree, functions) {
    const name = tree.callee.name.replace(/^_/, "");
    const values = tree.arguments.map((/** @type {Tree} */ argument) => compile(argument, functions));
    if (name === "if") return (scope) => (values[0](scope) ? values[1](scope) : values[2](scope));
    if (OF_EVENT.includes(name)) return (scope) => scope.event.vega[name](...evaluated(values, scope));
    const called = functions[name] ?? FUNCTIONS[name];
    if (!called) throw new Error(`expressions have no function ${name}`);
    return (scope) => called.apply(functions, evaluated(values, scope));
  },
  ArrayExpression(tree, functions) {
    const elements = tree.elements.map((/** @type {Tree} */ each) => compile(each, functions));
    return (scope) => evaluated(elements, scope);
  },
  BinaryExpression(tree, functions) {
    const [left, right] = [compile(tree.left, functions), compile(tree.right, functions)];
    const combine = BINARY[tree.operator];
    return (scope) => combine(left(scope), right(scope));
  },
  UnaryExpression(tree, functions) {
    const argument = compile(tree.argument, functions);
    const change = UNARY[tree.operator];
    return (scope) => change(argument(scope));
  },
  ConditionalExpression(tree, functions) {
    const [test, yes, no] = [tree.test, tree.consequent, tree.alternate].map((each) => compile(each, functions));
    return (scope) => (test(scope) ? yes(scope) : no(scope));
  },
  LogicalExpression(tree, functions) {
    const [left, right] = [compile(tree.left, functions), compile(tree.right, functions)];
    return tree.operator === "&&" ? (scope) => left(scope) && right(scope) : (scope) => left(scope) || right(scope);
  },
  ObjectExpression(tree, functions) {
    const keys = tree.properties.map((/** @type {Tree} */ { key }) => key.name ?? key.value);
    const values = tree.properties.map((/** @type {Tree} */ { value }) => compile(value, functions));
    return (scope) => {
      const found = evaluated(values, scope);
      return Object.fromEntries(keys.map((/** @type {string} */ key, /** @type {number} */ i) => [key, found[i]]));
    };
  },
};

/** @param {Compiled[]} parts @param {Scope} scope */
function evaluated(parts, scope) {
  const values = new Array(parts.length);
  for (let i = 0; i < parts.length; i++) values[i] = parts[i](scope);
  return values;
}

/** @param {Tree} tree @param {any} functions @returns {Compiled} */
function compile(tree, functions) {
  const node = NODES[tree.type];
  if (!node) throw new Error(`expressions have no ${tree.type}`);
  return node(tree, functions);
}

/** x2 and y2, xc and yc become x, y, width and height, as the marks are drawn.
 * @param {any} item @param {any} channels @param {boolean} swaps for marks whose width must not be negative */
function adjust(item, channels, swaps) {
  for (const [low, high, middle, size] of [["x", "x2", "xc", "width"], ["y", "y2", "yc", "height"]]) {
    if (channels[high]) {
      if (channels[low]) {
        if (swaps && item[low] > item[high]) [item[low], item[high]] = [item[high], item[low]];
        item[size] = item[high] - item[low];
      } else item[low] = item[high] - (item[size] || 0);
    }
    if (channels[middle]) item[low] = item[middle] - (item[size] || 0) / 2;
  }
}

/** What vega-embed takes as `expr`; `context` is Vega's runtime context.
 * @param {(url: string) => HTMLImageElement | undefined} loaded pictures for image marks that need not be waited for */
export const interpreter = (loaded) => ({
  /** @param {any} context @param {{ast: Tree}} expression */
  operator(context, { ast }) {
    const run = compile(ast, context.functions);
    return (/** @type {any} */ params) => run({ params });
  },
  /** @param {any} context @param {{ast: Tree}} expression */
  parameter(context, { ast }) {
    const run = compile(ast, context.functions);
    return (/** @type {any} */ datum, /** @type {any} */ params) => run({ params, datum });
  },
  /** @param {any} context @param {{ast: Tree}} expression */
  event(context, { ast }) {
    const run = compile(ast, context.functions);
    return (/** @type {any} */ event) => run({ params: undefined, event });
  },
  /** @param {any} context @param {{ast: Tree}} expression */
  handler(context, { ast }) {
    const run = compile(ast, context.functions);
    return (/** @type {any} */ params, /** @type {any} */ event) => run({ params, datum: event.item?.datum, event });
  },
  /** @param {any} context @param {{marktype: string, channels: Record<string, {ast: Tree}>}} encoding */
  encode(context, { marktype, channels }) {
    const names = Object.keys(channels).filter((name) => name !== "tooltip" && !UNSEEN.includes(name));
    const tip = channels.tooltip && compile(channels.tooltip.ast, context.functions);
    const runs = names.map((name) => compile(channels[name].ast, context.functions));
    const swaps = ["group", "image", "rect"].includes(marktype);
    const spatial = marktype !== "rule" && ["x2", "xc", "y2", "yc"].some((name) => name in channels);
    return (/** @type {any} */ item, /** @type {any} */ params) => {
      const scope = { params, datum: item.datum, item };
      let changed = false;
      for (let i = 0; i < names.length; i++) {
        const value = runs[i](scope);
        if (item[names[i]] === value) continue;
        item[names[i]] = value;
        changed = true;
      }
      // made when the pointer is there, and not for every mark of every frame
      if (tip) item.tooltip = () => tip(scope);
      if (spatial) adjust(item, channels, swaps);
      // Vega would draw nothing until it has loaded a new picture: a blink at every frame
      if (marktype === "image") item.image = loaded(item.url) ?? item.image;
      return changed;
    };
  },
});
