// @ts-check
/** Marks of a picture that the pointer can take and lead: a point that asks for its neighbours, a line that cuts. */

/**
 * @typedef {import("./scene.js").Grip} Grip
 * @typedef {{x: number, y: number}} Place
 * @typedef {{grip: Grip, origin: Place, scales: {x: any, y: any}}} Held what leads a mark: its panel and its axes
 */

// how near to a mark the pointer takes it, in pixels: a fingertip
const NEAR = 16;

/** @param {any} view @param {MouseEvent | Touch} event @returns {Place} where on the plane of the whole picture */
function place(view, event) {
  const box = view.container().querySelector("canvas").getBoundingClientRect();
  const [left, top] = view.origin();
  const { left: x = 0, top: y = 0 } = Object(view.padding());
  return { x: event.clientX - box.left - left - x, y: event.clientY - box.top - top - y };
}

/** Each mark that draws the grip's row, with the corner of its panel.
 * @param {any} group @param {Place} corner @param {any} row @returns {Generator<{item: any, origin: Place, panel: any}>} */
function* drawn(group, corner, row) {
  for (const mark of group.items) {
    for (const item of mark.items) {
      if (mark.marktype === "group" && item.items) {
        yield* drawn(item, { x: corner.x + (item.x ?? 0), y: corner.y + (item.y ?? 0) }, row);
      } else if (item.datum === row) yield { item, origin: corner, panel: group };
    }
  }
}

/** The scale of a panel, which it may share with the others. @param {any} view @param {any} panel @param {string} name */
function scale(view, panel, name) {
  const own = String(panel.mark?.name ?? "").replace(/group$/, "");
  for (const full of [own + name, name]) {
    try {
      return view.scale(full);
    } catch {
      // Vega has no other way to say that there is none
    }
  }
  return null;
}

/** How far a place is from a mark, along the axes on which it can be led.
 * @param {Grip} grip @param {any} item @param {Place} origin @param {Place} at @param {any} panel */
function distance(grip, item, origin, at, panel) {
  const beside = { x: at.x - origin.x, y: at.y - origin.y };
  const inside = beside.x >= -NEAR && beside.y >= -NEAR && beside.x <= panel.width + NEAR && beside.y <= panel.height + NEAR;
  if (!inside) return Infinity;
  return Math.hypot(grip.x ? beside.x - item.x : 0, grip.y ? beside.y - item.y : 0);
}

/** The grip under the pointer, or null. @param {any} view @param {Grip[]} grips @param {MouseEvent | Touch} event
 * @returns {Held | null} */
export function grasped(view, grips, event) {
  const at = place(view, event);
  /** @type {{held: Held | null, far: number}} */
  let best = { held: null, far: NEAR };
  for (const grip of grips) {
    const row = view.data(grip.data)[0];
    if (!row) continue;
    for (const { item, origin, panel } of drawn(view.scenegraph().root.items[0], { x: 0, y: 0 }, row)) {
      const far = distance(grip, item, origin, at, panel);
      const scales = { x: scale(view, panel, "x"), y: scale(view, panel, "y") };
      const leads = (!grip.x || scales.x?.invert) && (!grip.y || scales.y?.invert);
      if (leads && far < best.far) best = { held: { grip, origin, scales }, far };
    }
  }
  return best.held;
}

/** Where the pointer leads to, in the units of the axes. @param {any} view @param {Held} held
 * @param {MouseEvent | Touch} event @returns {{x?: number, y?: number}} */
export function led(view, { grip, origin, scales }, event) {
  const at = place(view, event);
  return {
    ...(grip.x ? { x: scales.x.invert(at.x - origin.x) } : {}),
    ...(grip.y ? { y: scales.y.invert(at.y - origin.y) } : {}),
  };
}

/** The frame whose row stands nearest, as the eye sees it; of equals the latest.
 * @param {Held} held @param {{x?: number, y?: number}} to @param {(import("./scene.js").Row | undefined)[]} rows */
export function nearest({ grip, scales }, to, rows) {
  let best = -1;
  let least = Infinity;
  rows.forEach((row, index) => {
    if (!row) return;
    let far = 0;
    if (grip.x) far += (scales.x(row[grip.x]) - scales.x(to.x)) ** 2;
    if (grip.y) far += (scales.y(row[grip.y]) - scales.y(to.y)) ** 2;
    if (far <= least) [best, least] = [index, far];
  });
  return best;
}
