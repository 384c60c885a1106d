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

/** Room beside a card for a link that turns back. */
const TURN = 14;

/** A link on its way: a curve forward; back to something on the left it runs through a free lane between the cards. */
export function trace(ctx: CanvasRenderingContext2D | Path2D, { a, b, lane, link }: LinkEnds): void {
  if (lane === null) return curve(ctx, a, b);
  const out = TURN + 4 * (link.target_slot % 3);
  const round = Math.max(0, Math.min(12, Math.abs(lane - a[1]) / 2, Math.abs(b[1] - lane) / 2));
  ctx.moveTo(a[0], a[1]);
  ctx.arcTo(a[0] + out, a[1], a[0] + out, lane, round);
  ctx.arcTo(a[0] + out, lane, b[0] - out, lane, round);
  ctx.arcTo(b[0] - out, lane, b[0] - out, b[1], round);
  ctx.arcTo(b[0] - out, b[1], b[0], b[1], round);
  ctx.lineTo(b[0], b[1]);
}

/** The height of the free lane nearest to the middle of two points; null for links that run forward. */
function laneBetween(model: Model, a: Point, b: Point): number | null {
  if (b[0]! > a[0]! - 20) return null;
  const taken = [...model.cards.values()]
    .filter(({ pos, size }) => pos[0]! < a[0]! + TURN && pos[0]! + size[0]! > b[0]! - TURN)
    .map(({ pos, size }) => [pos[1]!, pos[1]! + size[1]!] as const)
    .sort((one, other) => one[0] - other[0]);
  const middle = (a[1]! + b[1]!) / 2;
  const free: number[] = [];
  let low = -Infinity;
  for (const [top, bottom] of taken) {
    if (top - low >= 2 * TURN) free.push(low === -Infinity ? top - 2 * TURN : (low + top) / 2);
    low = Math.max(low, bottom);
  }
  free.push(low + 2 * TURN);
  return free.reduce((best, each) => (Math.abs(each - middle) < Math.abs(best - middle) ? each : best));
}

export interface LinkEnds {
  link: LLink;
  from: Card;
  to: Card;
  type: string;
  a: [number, number];
  b: [number, number];
  lane: number | null;
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
    yield { link, from, to, type: output.spec.type, a, b, lane: laneBetween(model, a, b) };
  }
}

function visible(area: Rectangle, { a, b, lane }: LinkEnds): boolean {
  const slack = 230;
  const [low, high] = span(a, b, lane);
  return (
    Math.max(a[0], b[0]) > area[0]! - slack &&
    Math.min(a[0], b[0]) < area[0]! + area[2]! + slack &&
    high > area[1]! &&
    low < area[1]! + area[3]!
  );
}

function span(a: Point, b: Point, lane: number | null): [low: number, high: number] {
  const heights = [a[1]!, b[1]!, ...(lane === null ? [] : [lane])];
  return [Math.min(...heights), Math.max(...heights)];
}

export function paintLinks(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, area: Rectangle, hot: number | null): void {
  for (const ends of linkEnds(model)) {
    if (ends.link._dragging || !visible(area, ends)) continue;
    const lit = ends.from.selected || ends.to.selected || ends.link.id === hot;
    ctx.beginPath();
    trace(ctx, ends);
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
    const [low, high] = span(ends.a, ends.b, ends.lane);
    if (low - reach > y || high + reach < y) continue;
    const path = new Path2D();
    trace(path, ends);
    if (ctx.isPointInStroke(path, x, y)) found = ends;
  }
  ctx.setTransform(transform);
  ctx.lineWidth = lineWidth;
  return found;
}
