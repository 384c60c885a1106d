/** What lies around the cards: dots, groups and notes. */
import type { Frame, Note } from "./note.ts";
import { fit, wrap } from "./text.ts";
import type { Theme } from "./theme.ts";
import { n } from "./words.ts";

const DOT = 20;

/** Background and dots in screen space, so that dots stay crisp at every zoom. */
export function paintGround(ctx: CanvasRenderingContext2D, theme: Theme, width: number, height: number, scale: number, offset: ArrayLike<number>): void {
  ctx.fillStyle = theme.canvas;
  ctx.fillRect(0, 0, width, height);
  let step = DOT * scale;
  while (step < 12) step *= 2;
  const x0 = (offset[0]! * scale) % step;
  const y0 = (offset[1]! * scale) % step;
  ctx.fillStyle = theme.dot;
  ctx.beginPath();
  for (let x = x0; x < width; x += step) for (let y = y0; y < height; y += step) ctx.rect(x - 0.7, y - 0.7, 1.4, 1.4);
  ctx.fill();
}

export const TINTS = new Map([
  ["blue", "#4f83ff"],
  ["green", "#2fa66f"],
  ["yellow", "#d9a521"],
  ["orange", "#e07b39"],
  ["red", "#dd4b57"],
  ["pink", "#d4589a"],
  ["purple", "#8b62e0"],
  ["grey", "#7d8494"],
]);

/** A named colour or #rrggbb; anything else is the default, so that files cannot smuggle in values. */
export function tint(color: string | undefined, fallback: string): string {
  if (color && /^#[0-9a-f]{6}$/i.test(color)) return color;
  return TINTS.get(color ?? "") ?? fallback;
}

export function paintFrame(ctx: CanvasRenderingContext2D, theme: Theme, frame: Frame): void {
  const [x, y] = [frame.pos[0]!, frame.pos[1]!];
  const [w, h] = [frame.size[0]!, frame.size[1]!];
  const color = tint(frame.spec.color, TINTS.get("grey")!);
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 12);
  ctx.fillStyle = color;
  ctx.globalAlpha = theme.name === "dark" ? 0.09 : 0.07;
  ctx.fill();
  ctx.globalAlpha = frame.selected ? 1 : 0.45;
  ctx.lineWidth = frame.selected ? 2 : 1;
  ctx.strokeStyle = frame.selected ? theme.accent : color;
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (frame.collapsed) return collapsedBar(ctx, theme, frame, color);
  const font = `600 12px ${theme.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  write(ctx, fit(frame.spec.title, font, w - 40), font, theme.muted, x + 12, y + 14);
  if (frame.pinned) padlock(ctx, theme.muted, x + w - 16, y + 14);
  const about = `11px ${theme.font}`;
  if (frame.spec.description) write(ctx, fit(frame.spec.description.replace(/\s+/g, " "), about, w - 24), about, theme.faint, x + 12, y + 31);
}

/** A closed group: solid enough to be seen, with its title and how much it holds. */
function collapsedBar(ctx: CanvasRenderingContext2D, theme: Theme, frame: Frame, color: string): void {
  const [x, y, w, h] = [frame.pos[0]!, frame.pos[1]!, frame.size[0]!, frame.size[1]!];
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 12);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.fillStyle = ctx.strokeStyle = color;
  ctx.globalAlpha = 0.2;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = frame.selected ? 2.5 : 1.5;
  if (frame.selected) ctx.strokeStyle = theme.accent;
  ctx.stroke();
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const [bold, small] = [`600 13px ${theme.font}`, `11px ${theme.font}`];
  write(ctx, fit(frame.spec.title, bold, w - 28), bold, theme.text, x + 14, y + 15);
  const count = frame.spec.holds?.length ?? 0;
  const words = [n("{count} thing inside", "{count} things inside", count), frame.spec.description ?? ""].filter(Boolean).join(" · ");
  write(ctx, fit(words.replace(/\s+/g, " "), small, w - 28), small, theme.muted, x + 14, y + 31);
}

function write(ctx: CanvasRenderingContext2D, words: string, font: string, color: string, x: number, y: number): void {
  ctx.font = font;
  ctx.fillStyle = color;
  ctx.fillText(words, x, y);
}

/** Does not move. */
export function padlock(ctx: CanvasRenderingContext2D, color: string, x: number, y: number): void {
  ctx.beginPath();
  ctx.roundRect(x - 4.5, y - 1, 9, 7, 1.5);
  ctx.fillStyle = ctx.strokeStyle = color;
  ctx.fill();
  ctx.beginPath();
  ctx.arc(x, y - 2, 3, Math.PI, 0);
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

export function paintNote(ctx: CanvasRenderingContext2D, theme: Theme, note: Note): void {
  const [w, h] = [note.size[0]!, note.size[1]!];
  const color = tint(note.spec.color, TINTS.get("yellow")!);
  ctx.beginPath();
  ctx.roundRect(0, 0, w, h, 6);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.fillStyle = color;
  ctx.globalAlpha = theme.name === "dark" ? 0.16 : 0.2;
  ctx.fill();
  ctx.globalAlpha = note.selected ? 1 : 0.5;
  ctx.lineWidth = note.selected ? 2 : 1;
  ctx.strokeStyle = note.selected ? theme.accent : color;
  ctx.stroke();
  ctx.globalAlpha = 1;
  const font = `12px ${theme.font}`;
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.text;
  const lines = wrap(note.spec.text, font, w - 24, Math.max(1, Math.floor((h - 18) / 17)));
  for (const [i, line] of lines.entries()) ctx.fillText(line, 12, 18 + i * 17);
  if (note.pinned) padlock(ctx, theme.muted, w - 14, 14);
}
