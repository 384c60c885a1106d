/** Drawing only what changed: the parts of the view that some cards take up. */
import type { LGraphNode } from "@comfyorg/litegraph";

/** x, y, width, height. */
export type Box = [x: number, y: number, width: number, height: number];

/** What is drawn around a card: shadow, sockets and the line above it, in its own units. */
const AROUND = 34;

interface Camera {
  scale: number;
  offset: ArrayLike<number>;
}

/** The cards' surroundings as a path on the screen, and the part of the graph that holds all of them. */
export function outlines(nodes: LGraphNode[], { scale, offset }: Camera): { path: Path2D; area: Box } {
  const path = new Path2D();
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { pos, size } of nodes) {
    const [x, y] = [pos[0]! - AROUND, pos[1]! - AROUND];
    const [w, h] = [size[0]! + 2 * AROUND, size[1]! + 2 * AROUND];
    const at = [Math.floor((x + offset[0]!) * scale), Math.floor((y + offset[1]!) * scale)] as const;
    path.rect(at[0], at[1], Math.ceil(w * scale) + 1, Math.ceil(h * scale) + 1);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + w), Math.max(bottom, y + h)];
  }
  return { path, area: [left, top, right - left, bottom - top] };
}

export function clipped(ctx: CanvasRenderingContext2D, path: Path2D, work: () => void): void {
  ctx.save();
  ctx.clip(path);
  work();
  ctx.restore();
}
