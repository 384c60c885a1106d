/** Whether the curve of a link runs behind cards. Pure. */
import type { Bezier } from "./bends.ts";

interface Placed {
  pos: ArrayLike<number>;
  size: ArrayLike<number>;
}

const STEPS = 14;
/** A card that is only grazed is not crossed. */
const GRAZE = 4;

/** How many of these cards the link runs behind. */
export function crossed(cards: Iterable<Placed>, curves: Bezier[]): number {
  const line = curves.flatMap(sampled);
  const [xs, ys] = [line.map(([x]) => x), line.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  let count = 0;
  for (const { pos, size } of cards) {
    const [x, y, w, h] = [pos[0]! + GRAZE, pos[1]! + GRAZE, size[0]! - 2 * GRAZE, size[1]! - 2 * GRAZE];
    if (x > right || x + w < left || y > bottom || y + h < top) continue;
    if (line.some(([px, py]) => px > x && px < x + w && py > y && py < y + h)) count += 1;
  }
  return count;
}

function sampled([p, c, d, q]: Bezier): [number, number][] {
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const [t, s] = [i / STEPS, 1 - i / STEPS];
    const at = (axis: 0 | 1) => s * s * s * p[axis]! + 3 * s * s * t * c[axis]! + 3 * s * t * t * d[axis]! + t * t * t * q[axis]!;
    return [at(0), at(1)];
  });
}
