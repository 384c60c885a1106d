/** Measuring, shortening and wrapping text, each remembered by text, font and width. */

const CAP = 20_000;
const widths = new Map<string, number>();
const fitted = new Map<string, string>();
let context: CanvasRenderingContext2D | null | undefined;

function pen(): CanvasRenderingContext2D | null {
  if (context === undefined) context = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d");
  return context;
}

function remember<T>(store: Map<string, T>, key: string, value: T): T {
  if (store.size > CAP) store.clear();
  store.set(key, value);
  return value;
}

/** Forget everything, for example once web fonts are ready. */
export function forgetText(): void {
  widths.clear();
  fitted.clear();
}

export function measure(text: string, font: string): number {
  const key = `${font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  const ctx = pen();
  if (!ctx) return remember(widths, key, text.length * 6.5);
  ctx.font = font;
  return remember(widths, key, ctx.measureText(text).width);
}

/** Nothing on a canvas shows more; measuring a megabyte would take seconds. */
const LONGEST = 2_000;

/** The text, cut with an ellipsis to at most width. */
export function fit(whole: string, font: string, width: number): string {
  const text = whole.slice(0, LONGEST);
  const key = `${font}\n${width | 0}\n${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  if (measure(text, font) <= width) return remember(fitted, key, text);
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${text.slice(0, middle).trimEnd()}…`, font) <= width) low = middle;
    else high = middle - 1;
  }
  const kept = text.slice(0, low).replace(/[\ud800-\udbff]$/, "").trimEnd();
  return remember(fitted, key, kept ? `${kept}…` : "");
}

/** Words over at most `most` lines; the last one is shortened. */
export function wrap(text: string, font: string, width: number, most: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.slice(0, LONGEST * 2).split("\n")) {
    let line = "";
    const all = paragraph.split(" ");
    for (const [i, word] of all.entries()) {
      const longer = line ? `${line} ${word}` : word;
      if (line && measure(longer, font) > width) {
        if (lines.length === most - 1) return [...lines, fit([line, ...all.slice(i)].join(" "), font, width)];
        lines.push(line);
        line = word;
      } else line = longer;
    }
    if (lines.length === most) return lines;
    lines.push(fit(line, font, width));
  }
  return lines.slice(0, most);
}
