/** Links: one curve each in the colour of what flows; far away, straight lines in one stroke per colour. */
import type { LLink, Rectangle } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import type { Model } from "./model.ts";
import { socketLook, type Theme } from "./theme.ts";

type Point = ArrayLike<number>;

/** A curve that leaves to the right and arrives from the left, also when the target lies behind. */
export function curve(ctx: CanvasRenderingContext2D | Path2D, a: Point, b: Point): void {
  const across = b[0]! - a[0]!;
  const bend = across > 0 ? Math.max(30, across * 0.5) : Math.min(220, 60 + Math.abs(across) * 0.35);
  ctx.moveTo(a[0]!, a[1]!);
  ctx.bezierCurveTo(a[0]! + bend, a[1]!, b[0]! - bend, b[1]!, b[0]!, b[1]!);
}

export interface LinkEnds {
  link: LLink;
  from: Card;
  to: Card;
  type: string;
  a: [number, number];
  b: [number, number];
}

export function* linkEnds(model: Model): Iterable<LinkEnds> {
  for (const link of model.graph._links.values()) {
    const from = model.graph.getNodeById(link.origin_id);
    const to = model.graph.getNodeById(link.target_id);
    if (!(from instanceof Card && to instanceof Card)) continue;
    const output = from.outs[link.origin_slot];
    const input = to.ins[link.target_slot];
    if (!output?.pos || !input?.pos) continue;
    const a: [number, number] = [from.pos[0]! + output.pos[0]!, from.pos[1]! + output.pos[1]!];
    const b: [number, number] = [to.pos[0]! + input.pos[0]!, to.pos[1]! + input.pos[1]!];
    yield { link, from, to, type: output.spec.type, a, b };
  }
}

function visible(area: Rectangle, { a, b }: LinkEnds): boolean {
  const slack = 230;
  return (
    Math.max(a[0], b[0]) > area[0]! - slack &&
    Math.min(a[0], b[0]) < area[0]! + area[2]! + slack &&
    Math.max(a[1], b[1]) > area[1]! &&
    Math.min(a[1], b[1]) < area[1]! + area[3]!
  );
}

export function paintLinks(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, area: Rectangle, hot: number | null): void {
  for (const ends of linkEnds(model)) {
    if (ends.link._dragging || !visible(area, ends)) continue;
    const lit = ends.from.selected || ends.to.selected || ends.link.id === hot;
    ctx.beginPath();
    curve(ctx, ends.a, ends.b);
    ctx.lineWidth = lit ? 5.5 : 4.5;
    ctx.strokeStyle = theme.canvas;
    ctx.stroke();
    ctx.lineWidth = lit ? 2.6 : 1.8;
    ctx.globalAlpha = lit ? 1 : 0.72;
    ctx.strokeStyle = socketLook(ends.type, theme.name).color;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
}

export function paintFarLinks(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, area: Rectangle, scale: number): void {
  const paths = new Map<string, Path2D>();
  for (const ends of linkEnds(model)) {
    if (ends.link._dragging || !visible(area, ends)) continue;
    const { color } = socketLook(ends.type, theme.name);
    const path = paths.get(color) ?? new Path2D();
    paths.set(color, path);
    path.moveTo(ends.a[0], ends.a[1]);
    path.lineTo(ends.b[0], ends.b[1]);
  }
  ctx.lineWidth = Math.max(1.8, 0.8 / scale);
  ctx.globalAlpha = 0.6;
  for (const [color, path] of paths) {
    ctx.strokeStyle = color;
    ctx.stroke(path);
  }
  ctx.globalAlpha = 1;
}

/** The link whose curve passes within a few pixels of a point, if any. */
export function linkAt(ctx: CanvasRenderingContext2D, model: Model, x: number, y: number, reach: number): LinkEnds | null {
  const { lineWidth } = ctx;
  const transform = ctx.getTransform();
  ctx.resetTransform();
  ctx.lineWidth = reach * 2;
  let found: LinkEnds | null = null;
  for (const ends of linkEnds(model)) {
    if (Math.min(ends.a[1], ends.b[1]) - reach > y || Math.max(ends.a[1], ends.b[1]) + reach < y) continue;
    const path = new Path2D();
    curve(path, ends.a, ends.b);
    if (ctx.isPointInStroke(path, x, y)) found = ends;
  }
  ctx.setTransform(transform);
  ctx.lineWidth = lineWidth;
  return found;
}
