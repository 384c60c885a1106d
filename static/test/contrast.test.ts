import assert from "node:assert/strict";
import { test } from "node:test";
import { groupColor, socketLook, theme } from "../src/theme.ts";

type Rgb = [number, number, number];

function rgb(color: string): Rgb {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (hex) return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
  const [h, s, l] = /^hsl\((\d+) (\d+)% (\d+)%\)$/.exec(color)!.slice(1).map(Number) as Rgb;
  const half = (s / 100) * Math.min(l / 100, 1 - l / 100);
  const part = (n: number) => {
    const k = (n + h / 30) % 12;
    return 255 * (l / 100 - half * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [part(0), part(8), part(4)];
}

function light([r, g, b]: Rgb): number {
  const part = (value: number) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}

/** As WCAG 2.2 defines it; `alpha` says how much of the ink is laid on the ground. */
function contrast(ink: string, ground: string, alpha = 1): number {
  const [over, under] = [rgb(ink), rgb(ground)];
  const mixed = over.map((value, i) => value * alpha + under[i]! * (1 - alpha)) as Rgb;
  const [one, other] = [light(mixed), light(under)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

const TYPES = ["Text", "Prompt", "Style", "Image", "Payload", "Report", "Number", "Boolean", "Metadata", "Any", "Video", "Mask", "Money", "Odd", "Thing 7"];
const GROUPS = ["Input", "Gates", "Prompt", "Generate", "Quality", "Output", "Flow", "Other", "A new one"];

for (const name of ["dark", "light"] as const) {
  const { states, ...colors } = theme(name);

  test(`words on the ${name} canvas can be read (AA, 4.5 : 1)`, () => {
    const low: string[] = [];
    const words = (what: string, ink: string, ground: string) => contrast(ink, ground) < 4.5 && low.push(`${what} ${contrast(ink, ground).toFixed(2)}`);
    for (const part of ["text", "muted", "faint", "error", "warning"] as const) {
      words(`${part} on card`, colors[part], colors.card);
      words(`${part} on canvas`, colors[part], colors.canvas);
    }
    for (const [state, ink] of Object.entries(states)) {
      words(`${state} above a card`, ink, colors.canvas);
      words(`sign on ${state}`, colors.onSolid, ink);
    }
    for (const solid of ["error", "warning", "accent"] as const) words(`count on ${solid}`, colors.onSolid, colors[solid]);
    for (const group of GROUPS) words(`letter of ${group}`, groupColor(group, name), colors.card);
    assert.deepEqual(low, []);
  });

  test(`links, sockets and rings on the ${name} canvas can be told from the ground (AA, 3 : 1)`, () => {
    const low: string[] = [];
    const shape = (what: string, ink: string, ground: string, alpha = 1) => contrast(ink, ground, alpha) < 3 && low.push(`${what} ${contrast(ink, ground, alpha).toFixed(2)}`);
    for (const type of TYPES) {
      const { color } = socketLook(type, name);
      shape(`socket ${type}`, color, colors.card);
      shape(`link ${type}`, color, colors.canvas, colors.linkAlpha);
    }
    shape("ring on canvas", colors.accent, colors.canvas);
    shape("ring on card", colors.accent, colors.card);
    for (const [state, ink] of Object.entries(states)) shape(`border of ${state}`, ink, colors.canvas);
    assert.deepEqual(low, []);
  });
}
