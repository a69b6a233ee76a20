// The colours of the style sheet, for what is drawn.

const dark = matchMedia("(prefers-color-scheme: dark)");

/** How many workers have a colour each. */
export const COLOURS = 8;

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    card: get("card"), edge: get("edge"), text: get("text"), soft: get("soft"), grid: get("grid"), accent: get("accent"), bad: get("bad"),
    series: Array.from({ length: COLOURS }, (_, i) => get(`s${i}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** Calls when it becomes dark or light. */
export const onTheme = (changed) => dark.addEventListener("change", changed);
