/** One card: neutral surface, group-coloured icon, sockets, a summary of the settings, a picture. */
import type { Card, InputSlot, OutputSlot } from "./card.ts";
import type { Images } from "./images.ts";
import { LINE, PAD, PREVIEW, RADIUS, ROW, TITLE } from "./layout.ts";
import { padlock } from "./paint-board.ts";
import { isStale, paintPin, paintStaleLine } from "./paint-marks.ts";
import { paintSocket, type SocketState } from "./paint-socket.ts";
import { paintBadge, paintProgress, paintStatusLine } from "./paint-status.ts";
import { fit, wrap } from "./text.ts";
import { groupColor, type Theme } from "./theme.ts";
import type { Mark, RunStatus, SocketSpec } from "./types.ts";
import { t } from "./words.ts";

export interface CardScene {
  ctx: CanvasRenderingContext2D;
  theme: Theme;
  scale: number;
  images: Images;
  /** True when the page has the icon font. */
  icons: boolean;
  now: number;
  run: RunStatus | undefined;
  mark: Mark | undefined;
  problems: { errors: number; warnings: number } | undefined;
  socket(card: Card, side: "in" | "out", slot: InputSlot | OutputSlot): SocketState;
}

/** Below this zoom, socket names and the summary are too small to read and are left out. */
const READABLE = 0.42;
/** Words shrink slower than the card: they stop at this many pixels of the screen while the rows hold them. */
const SMALLEST = 9;

function grown(scale: number, size: number, most: number): number {
  return Math.min(most, Math.max(size, Math.round((2 * SMALLEST) / scale) / 2));
}

export function paintCard(scene: CardScene, card: Card): void {
  const { ctx, theme, run } = scene;
  const [width, height] = [card.size[0]!, card.size[1]!];
  surface(scene, card, width, height);
  title(scene, card, width);
  if (scene.scale >= READABLE && !card.spec.collapsed) {
    names(scene, card, width);
    summary(scene, card);
  }
  if (card.pictures || shown(card, run)) picture(scene, card, width, height);
  sockets(scene, card);
  if (run) paintProgress(ctx, theme, run, width, height, scene.now);
  if (scene.scale >= READABLE) line(scene, width, grown(scene.scale, 11.5, 17));
  if (scene.mark?.pinned) paintPin(ctx, theme, scene.mark, height);
  const { errors = 0, warnings = 0 } = scene.problems ?? {};
  if (errors || warnings) paintBadge(ctx, theme, errors, warnings, width);
}

function line(scene: CardScene, width: number, size: number): void {
  const { ctx, theme, run, mark } = scene;
  if (mark && isStale(mark, run)) paintStaleLine(ctx, theme, mark, width, size);
  else if (run) paintStatusLine(ctx, theme, run, width, size);
}

function surface(scene: CardScene, card: Card, width: number, height: number): void {
  const { ctx, theme, run } = scene;
  ctx.shadowColor = scene.scale >= READABLE ? theme.shadow : "transparent";
  ctx.shadowBlur = 14 * scene.scale;
  ctx.shadowOffsetY = 3 * scene.scale;
  ctx.beginPath();
  ctx.roundRect(0, 0, width, height, RADIUS);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.shadowColor = "transparent";
  ctx.lineWidth = run || card.kind === null ? 1.5 : 1;
  const stale = isStale(scene.mark, run);
  if (stale) ctx.lineWidth = 1.5;
  ctx.strokeStyle = stale ? theme.warning : run ? (theme.states[run.state] ?? theme.line) : card.kind === null ? theme.error : theme.line;
  if (stale || card.kind === null || run?.state === "queued" || run?.state === "skipped") ctx.setLineDash([5, 4]);
  ctx.stroke();
  ctx.setLineDash([]);
  if (!card.selected) return;
  ctx.beginPath();
  ctx.roundRect(-3, -3, width + 6, height + 6, RADIUS + 3);
  ctx.lineWidth = Math.max(2, 1.5 / scene.scale);
  ctx.strokeStyle = theme.accent;
  ctx.stroke();
}

function title(scene: CardScene, card: Card, width: number): void {
  const { ctx, theme, run } = scene;
  const color = card.kind ? groupColor(card.kind.group, theme.name) : theme.error;
  ctx.beginPath();
  ctx.roundRect(10, 9, 20, 20, 5);
  ctx.globalAlpha = theme.name === "dark" ? 0.17 : 0.12;
  ctx.fillStyle = color;
  ctx.fill();
  ctx.globalAlpha = 1;
  icon(scene, card, color);
  const far = scene.scale < READABLE;
  const size = grown(scene.scale, 13, 20);
  const font = `600 ${size}px ${theme.font}`;
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.text;
  const small = card.spec.collapsed && shown(card, run) ? 34 : 0;
  ctx.fillText(fit(card.label, font, width - 38 - PAD - small - (card.pinned ? 16 : 0)), 38, TITLE / 2 + 1);
  if (card.pinned) padlock(ctx, theme.muted, width - 20 - small, TITLE / 2);
  if (card.kind === null && !far) unknown(scene, card, width);
}

function icon(scene: CardScene, card: Card, color: string): void {
  const { ctx, theme } = scene;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = color;
  const name = scene.icons ? card.kind?.icon : undefined;
  ctx.font = name ? "14px 'Material Icons'" : `700 11px ${theme.font}`;
  ctx.fillText(name ?? (card.kind ? card.kind.title.slice(0, 1).toUpperCase() : "?"), 20, 19.5);
}

function unknown(scene: CardScene, card: Card, width: number): void {
  const { ctx, theme } = scene;
  const font = `500 10.5px ${theme.font}`;
  ctx.font = font;
  ctx.fillStyle = theme.error;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillText(fit(t("Unknown node type {type}", { type: card.type }), font, width), 2, -6);
}

function names(scene: CardScene, card: Card, width: number): void {
  const { ctx, theme } = scene;
  const font = `${grown(scene.scale, 11.5, 16)}px ${theme.font}`;
  ctx.font = font;
  ctx.textBaseline = "middle";
  const room = (row: number) => (card.ins[row] && card.outs[row] ? (width - 36) / 2 : width - 28);
  const ink = (spec: SocketSpec, must: boolean) => (spec.missing ? theme.error : must ? theme.text : theme.muted);
  ctx.textAlign = "left";
  for (const [i, slot] of card.ins.entries()) {
    ctx.fillStyle = ink(slot.spec, !!slot.spec.required);
    const star = slot.spec.required && slot.link == null ? " *" : "";
    ctx.fillText(fit((slot.spec.label ?? slot.name) + star, font, room(i)), 14, TITLE + ROW * (i + 0.5) + 0.5);
  }
  ctx.textAlign = "right";
  for (const [i, slot] of card.outs.entries()) {
    ctx.fillStyle = ink(slot.spec, false);
    ctx.fillText(fit(slot.spec.label ?? slot.name, font, room(i)), width - 14, TITLE + ROW * (i + 0.5) + 0.5);
  }
}

function summary(scene: CardScene, card: Card): void {
  if (!card.lines.length) return;
  const { ctx, theme } = scene;
  const width = card.size[0]! - 28;
  const size = grown(scene.scale, 11.5, 14);
  const font = `${size}px ${theme.font}`;
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.faint;
  const top = TITLE + Math.max(card.ins.length, card.outs.length) * ROW + 6;
  const lines = size === 11.5 ? card.lines : wrap(card.lines.join(" "), font, width, card.lines.length);
  for (const [i, line] of lines.entries()) ctx.fillText(fit(line, font, width), 14, top + LINE * (i + 0.5));
}

function sockets(scene: CardScene, card: Card): void {
  const all = card.spec.collapsed ? plugs(card) : [...card.ins.map((slot) => ["in", slot] as const), ...card.outs.map((slot) => ["out", slot] as const)];
  for (const [side, slot] of all) {
    const [x, y] = slot.pos as [number, number];
    paintSocket(scene.ctx, scene.theme, slot.spec, x, y, scene.socket(card, side, slot));
  }
}

/** On a collapsed card one socket stands for all of a side: a linked one, if there is. */
function plugs(card: Card): (readonly ["in", InputSlot] | readonly ["out", OutputSlot])[] {
  const into = card.ins.find((slot) => slot.link != null) ?? card.ins[0];
  const out = card.outs.find((slot) => slot.links?.length) ?? card.outs[0];
  return [...(into ? [["in", into] as const] : []), ...(out ? [["out", out] as const] : [])];
}

/** A node that holds a picture shows that one, whatever a run says. */
function shown(card: Card, run: RunStatus | undefined): string | null {
  return card.face ?? run?.thumb_url ?? null;
}

/** The picture of the last run: large on nodes that make pictures, a small one in the corner elsewhere. */
function picture(scene: CardScene, card: Card, width: number, height: number): void {
  const { ctx, theme, run } = scene;
  const url = shown(card, run);
  const image = url ? scene.images.get(url) : null;
  if (!card.pictures) {
    if (image) clipped(ctx, image, width - 32, 8, 22, 22, 4);
    return;
  }
  const [x, y, w] = [PAD, card.previewTop, width - 2 * PAD];
  const h = Math.max(PREVIEW, height - card.previewTop - PAD);
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 6);
  ctx.fillStyle = theme.well;
  ctx.fill();
  if (image) clipped(ctx, image, x, y, w, h, 6);
  else placeholder(ctx, theme, x + w / 2, y + h / 2);
}

function clipped(ctx: CanvasRenderingContext2D, image: HTMLImageElement, x: number, y: number, w: number, h: number, radius: number): void {
  const scale = Math.max(w / image.naturalWidth, h / image.naturalHeight);
  const [sw, sh] = [w / scale, h / scale];
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, radius);
  ctx.clip();
  ctx.drawImage(image, (image.naturalWidth - sw) / 2, (image.naturalHeight - sh) / 2, sw, sh, x, y, w, h);
  ctx.restore();
}

function placeholder(ctx: CanvasRenderingContext2D, theme: Theme, x: number, y: number): void {
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  ctx.beginPath();
  ctx.roundRect(x - 16, y - 12, 32, 24, 4);
  ctx.moveTo(x - 12, y + 8);
  ctx.lineTo(x - 4, y - 1);
  ctx.lineTo(x + 2, y + 5);
  ctx.lineTo(x + 6, y + 1);
  ctx.lineTo(x + 12, y + 8);
  ctx.stroke();
}
