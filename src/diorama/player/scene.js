// @ts-check
/**
 * A scene as it travels, and its tables as rows.
 *
 * @typedef {{type: string, data?: string, values?: string[], codes?: Column}} Column one pooled column as it travels
 * @typedef {Record<string, number>} Table name of a column -> its place in the pool
 * @typedef {Record<string, number | string | null>} Row
 * @typedef {{
 *   step: string, values: Record<string, string>, narration: string, alt: string, data: Record<string, Table>,
 * }} Frame
 * @typedef {{data: string, x: string, y: string}} Grip a row that can be led, and its columns along the axes ("" for none)
 * @typedef {{
 *   version: number, title: string, caption: string, spec: Record<string, any>, tween: string[],
 *   code: {lines: string[], steps: Record<string, number>}, formulas: Record<string, string>,
 *   data: Record<string, Table>, frames: Frame[], columns: Column[], grips: Grip[],
 * }} Scene what Scene.to_dict writes
 */

/** @param {string} base64 @returns {ArrayBuffer} */
function bytes(base64) {
  const text = atob(base64);
  const array = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) array[i] = text.charCodeAt(i);
  return array.buffer;
}

/** @param {Column} column @returns {ArrayLike<number | string>} */
function decode(column) {
  if (column.type === "text" && column.codes && column.values) {
    const { values } = column;
    return Array.from(/** @type {ArrayLike<number>} */ (decode(column.codes)), (code) => values[code]);
  }
  const buffer = bytes(column.data ?? "");
  if (column.type === "u1") return new Uint8Array(buffer);
  if (column.type === "i4") return new Int32Array(buffer);
  if (column.type === "f4") return new Float32Array(buffer);
  throw new Error(`the scene has a column of type ${column.type}, which this player does not know`);
}

/** A scene's tables as rows, decoded when they are first asked for. */
export class Tables {
  /** @param {Scene} scene */
  constructor(scene) {
    this.pool = scene.columns;
    /** @type {ArrayLike<number | string>[]} */
    this.decoded = [];
  }

  /** @param {number} place */
  column(place) {
    return (this.decoded[place] ??= decode(this.pool[place]));
  }

  /** Addresses of the pictures in all text columns. */
  pictures() {
    const texts = this.pool.flatMap((column) => column.values ?? []);
    return texts.filter((text) => text.startsWith("data:image/"));
  }

  /** @param {Table} table @returns {Row[]} */
  rows(table) {
    return this.between(table, table, 1);
  }

  /** Rows of `to`, its single-precision numbers still at share `t` of their way from `from`.
   * @param {Table} from @param {Table} to @param {number} t @returns {Row[]} */
  between(from, to, t) {
    const names = Object.keys(to);
    const length = names.length ? this.column(to[names[0]]).length : 0;
    /** @type {Row[]} */
    const rows = Array.from({ length }, () => ({}));
    for (const name of names) {
      const end = this.column(to[name]);
      const start = name in from ? this.column(from[name]) : end;
      const numbers = start instanceof Float32Array && end instanceof Float32Array && start.length === length;
      const glides = t < 1 && start !== end && numbers;
      for (let i = 0; i < length; i++) {
        let value = end[i];
        if (glides && Number.isFinite(start[i])) value = start[i] + (end[i] - start[i]) * t;
        rows[i][name] = typeof value === "number" && !Number.isFinite(value) ? null : value;
      }
    }
    return rows;
  }
}

/** @param {unknown} a @param {unknown} b */
export const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Whether two data sets are alike, number by number. @param {Row[]} a @param {Row[]} [b] */
export function sameRows(a, b) {
  if (a.length !== b?.length) return false;
  const names = Object.keys(a[0] ?? {});
  return a.every((row, i) => names.every((name) => row[name] === b[i][name]));
}
