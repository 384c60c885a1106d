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

interface Bent {
  a: ArrayLike<number>;
  b: ArrayLike<number>;
  via: readonly Pair[];
}

/** A smooth line through all points; it leaves and arrives level, as every link does. */
export function bentLine(path: CanvasRenderingContext2D | Path2D, { a, b, via }: Bent): void {
  const points = [a, ...via, b] as ArrayLike<number>[];
  const way = points.map((_, i) => direction(points, i));
  path.moveTo(a[0]!, a[1]!);
  for (let i = 1; i < points.length; i += 1) {
    const [p, q] = [points[i - 1]!, points[i]!];
    const reach = Math.hypot(q[0]! - p[0]!, q[1]! - p[1]!) * 0.38;
    const [out, into] = [way[i - 1]!, way[i]!];
    path.bezierCurveTo(p[0]! + out[0] * reach, p[1]! + out[1] * reach, q[0]! - into[0] * reach, q[1]! - into[1] * reach, q[0]!, q[1]!);
  }
}

function direction(points: ArrayLike<number>[], i: number): Pair {
  const [before, after] = [points[i - 1], points[i + 1]];
  if (!before || !after) return [1, 0];
  const [dx, dy] = [after[0]! - before[0]!, after[1]! - before[1]!];
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
