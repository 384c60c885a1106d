/** Points that a link passes on its way: kept beside LiteGraph's links, drawn as small handles. */
import type { LLink } from "@comfyorg/litegraph";
import type { Pair } from "./types.ts";

const NONE: readonly Pair[] = [];
const kept = new WeakMap<LLink, readonly Pair[]>();

/** The points of a link; another array whenever they changed. */
export function bendsOf(link: LLink): readonly Pair[] {
  return kept.get(link) ?? NONE;
}

export function setBends(link: LLink, points: readonly Pair[]): void {
  if (points.length) kept.set(link, points);
  else kept.delete(link);
}

export interface Bent {
  a: ArrayLike<number>;
  b: ArrayLike<number>;
  via: readonly Pair[];
}

export type Bezier = [from: ArrayLike<number>, out: ArrayLike<number>, into: ArrayLike<number>, to: ArrayLike<number>];

/** A curve that leaves to the right and arrives from the left, also when the target lies behind. */
export function curveOf(a: ArrayLike<number>, b: ArrayLike<number>): Bezier {
  const across = b[0]! - a[0]!;
  const bend = across > 0 ? Math.max(30, across * 0.5) : Math.min(220, 60 + Math.abs(across) * 0.35);
  return [a, [a[0]! + bend, a[1]!], [b[0]! - bend, b[1]!], b];
}

/** A smooth line through all points; it leaves and arrives level, as every link does. */
export function bentCurves({ a, b, via }: Bent): Bezier[] {
  const points = [a, ...via, b] as ArrayLike<number>[];
  const way = points.map((_, i) => direction(points, i));
  return points.slice(1).map((q, i): Bezier => {
    const p = points[i]!;
    const [out, into] = [way[i]!, way[i + 1]!];
    const [far, near] = [pull(p, q, out), pull(p, q, into)];
    return [p, [p[0]! + out[0] * far, p[1]! + out[1] * far], [q[0]! - into[0] * near, q[1]! - into[1] * near], q];
  });
}

/** How far a line is led in a direction; level ones no further than the next point is away, or a steep line would swing out. */
function pull(p: ArrayLike<number>, q: ArrayLike<number>, [, dy]: Pair): number {
  const reach = Math.hypot(q[0]! - p[0]!, q[1]! - p[1]!) * 0.38;
  return Math.abs(dy) < 0.01 ? Math.min(reach, Math.max(Math.abs(q[0]! - p[0]!), 20)) : reach;
}

export function bentLine(path: CanvasRenderingContext2D | Path2D, bent: Bent): void {
  path.moveTo(bent.a[0]!, bent.a[1]!);
  for (const [, out, into, to] of bentCurves(bent)) path.bezierCurveTo(out[0]!, out[1]!, into[0]!, into[1]!, to[0]!, to[1]!);
}

/** Level where the line turns back up or down, so that it never swings beyond its points. */
function direction(points: ArrayLike<number>[], i: number): Pair {
  const [before, here, after] = [points[i - 1], points[i]!, points[i + 1]];
  if (!before || !after) return [1, 0];
  const [dx, dy] = [after[0]! - before[0]!, after[1]! - before[1]!];
  if (dx !== 0 && (here[1]! - before[1]!) * (after[1]! - here[1]!) <= 0) return [Math.sign(dx), 0];
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

/** Between which two points of the line a new one belongs: where the detour is shortest. */
export function slotFor({ a, b, via }: Bent, [x, y]: Pair): number {
  const points = [a, ...via, b] as ArrayLike<number>[];
  const away = (p: ArrayLike<number>) => Math.hypot(p[0]! - x, p[1]! - y);
  let [best, least] = [0, Infinity];
  for (let i = 1; i < points.length; i += 1) {
    const [p, q] = [points[i - 1]!, points[i]!];
    const detour = away(p) + away(q) - Math.hypot(q[0]! - p[0]!, q[1]! - p[1]!);
    if (detour < least) [best, least] = [i - 1, detour];
  }
  return best;
}
