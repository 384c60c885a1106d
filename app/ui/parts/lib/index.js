// Times as people say them in the page's language, kept current by one clock for the whole page.
import { ref } from "vue";

const clock = ref(Date.now());
setInterval(() => { clock.value = Date.now(); }, 5000);

const UNITS = [[86400, "d", "day"], [3600, "h", "hour"], [60, "min", "minute"], [1, "s", "second"]];
const NOW = { en: "just now", de: "gerade eben", ja: "たった今" };

const language = () => document.documentElement.lang.slice(0, 2) || "en";
// the browser's own variety of the page's language, so that en-GB keeps its order of days
const locale = () => navigator.languages?.find((tag) => tag.startsWith(language())) ?? language();

export function relative(at) {
  const now = Math.max(clock.value, Date.now() - 5000), gap = Math.abs(now / 1000 - at);
  if (gap < 5) return NOW[language()] ?? NOW.en;
  const [size, unit, name] = UNITS.find(([length]) => gap >= length);
  const count = Math.floor(gap / size), past = at * 1000 <= now;
  if (language() !== "en") {
    return new Intl.RelativeTimeFormat(language(), { style: "short" }).format(past ? -count : count, name);
  }
  return past ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}
export const exact = (at) => new Date(at * 1000).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "long" });
export const byTheMinute = (at) =>
  new Date(at * 1000).toLocaleString(locale(), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
export const iso = (at) => new Date(at * 1000).toISOString();
