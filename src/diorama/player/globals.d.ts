/** What Vega's bundle puts into the page. */
interface Window {
  vegaEmbed(host: HTMLElement, spec: object, options: object): Promise<any>;
}
