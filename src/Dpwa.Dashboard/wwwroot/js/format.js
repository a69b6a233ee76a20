// Numbers and times as people read them.

const NOTHING = "–";

/** A number with three digits that count. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e5) return short(value, 1000, ["", "k", "M", "G", "T", "P"]);
  if (size < 1e-3) return value.toExponential(1).replace("e-", "e−").replace("-", "−");
  if (size >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** A count, whole. */
export const count = (value) => (value === null || value === undefined ? NOTHING : value < 1e6 ? Math.round(value).toLocaleString("en") : number(value));

/** Bytes. */
export const bytes = (value) => (value === null || value === undefined ? NOTHING : short(value, 1000, [" B", " kB", " MB", " GB", " TB"]));

/** Seconds since the run began, as a place on an axis or in a list. */
export function time(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  if (s < 86400) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)} h`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

/** How long a run was. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Number((seconds / 3600).toPrecision(2))} h`;
  return `${Number((seconds / 86400).toPrecision(2))} days`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Seconds between the marks of a time axis that is so long. */
export function timeStep(span, marks) {
  const least = span / marks;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 86400) * 86400;
}

function short(value, base, units) {
  let at = 0;
  while (Math.abs(value) >= base && at < units.length - 1) {
    value /= base;
    at++;
  }
  return (Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)) + units[at];
}
