// Times as people say them, kept current by one clock for the whole page.
import { ref } from "vue";

const clock = ref(Date.now());
setInterval(() => { clock.value = Date.now(); }, 5000);

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function relative(at) {
  const now = Math.max(clock.value, Date.now() - 5000), gap = Math.abs(now / 1000 - at);
  if (gap < 5) return "just now";
  const [size, unit] = UNITS.find(([length]) => gap >= length);
  const text = `${Math.floor(gap / size)} ${unit}`;
  return at * 1000 <= now ? `${text} ago` : `in ${text}`;
}
export const exact = (at) => new Date(at * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
export const iso = (at) => new Date(at * 1000).toISOString();
