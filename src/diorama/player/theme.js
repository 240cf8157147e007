// @ts-check
/** How every picture looks, by the roles of tokens.css. */

// plain JSON: pictures drawn by Python read it from here
export const VEGA_CONFIG = {
  "background": "transparent",
  "font": "--controls",
  "padding": 4,
  "view": { "stroke": "--rule" },
  "axis": {
    "labelColor": "--soft-ink", "titleColor": "--soft-ink", "domainColor": "--rule", "tickColor": "--rule",
    "gridColor": "--grid", "labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": 400, "titlePadding": 8,
    "tickSize": 4, "labelPadding": 4, "labelFlush": false
  },
  "legend": {
    "labelColor": "--soft-ink", "titleColor": "--soft-ink", "labelFontSize": 12, "titleFontSize": 12,
    "titleFontWeight": 400, "symbolSize": 80,
    "symbolBaseFillColor": "--soft-ink", "symbolBaseStrokeColor": "--soft-ink", "orient": "bottom"
  },
  "title": {
    "color": "--ink", "subtitleColor": "--soft-ink", "fontSize": 14, "fontWeight": 600, "anchor": "start",
    "subtitleFontSize": 13, "offset": 12
  },
  "header": { "labelColor": "--soft-ink", "titleColor": "--soft-ink" },
  "text": { "color": "--ink", "fontSize": 12 },
  "rule": { "color": "--soft-ink" },
  "concat": { "spacing": 28 }
};

/** Vega's look, each role's name replaced by what it is around `host` now.
 * @param {HTMLElement} host */
export function themed(host) {
  const probe = host.appendChild(document.createElement("span"));
  const style = getComputedStyle(probe);
  const config = JSON.parse(JSON.stringify(VEGA_CONFIG), (key, value) => {
    if (typeof value !== "string" || !value.startsWith("--")) return value;
    if (key === "font") return style.getPropertyValue(value);
    probe.style.color = `var(${value})`;
    return style.color;
  });
  probe.remove();
  return config;
}
