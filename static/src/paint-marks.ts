/** What a card says beside its run: that its result is out of date and why, or that it is pinned. */
import { fit } from "./text.ts";
import type { Theme } from "./theme.ts";
import type { Mark, RunStatus } from "./types.ts";
import { t } from "./words.ts";

const ACTIVE = new Set(["queued", "running", "waiting"]);

/** True when the last result of a card does not hold and nothing is being done about it now. */
export function isStale(mark: Mark | undefined, run: RunStatus | undefined): boolean {
  return !!mark?.stale && !(run && ACTIVE.has(run.state));
}

/** The line above the card: two arrows in a circle, and the reason. */
export function paintStaleLine(ctx: CanvasRenderingContext2D, theme: Theme, mark: Mark, width: number, size: number): void {
  const radius = size * 0.56;
  const [x, y] = [radius + 1.5, -14];
  ctx.strokeStyle = ctx.fillStyle = theme.warning;
  ctx.lineWidth = 1.6;
  for (const turn of [0, Math.PI]) {
    ctx.beginPath();
    ctx.arc(x, y, radius * 0.78, turn + 0.5, turn + Math.PI - 0.35);
    ctx.stroke();
    const [ax, ay] = [x + Math.cos(turn + 0.5) * radius * 0.78, y + Math.sin(turn + 0.5) * radius * 0.78];
    ctx.beginPath();
    ctx.arc(ax, ay, radius * 0.32, 0, Math.PI * 2);
    ctx.fill();
  }
  const font = `500 ${size}px ${theme.font}`;
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(fit(mark.stale ?? "", font, width - size - 12), 2 * radius + 7, -13.5);
}

/** A pin in the corner and a word, so that nobody takes the result for a fresh one. */
export function paintPin(ctx: CanvasRenderingContext2D, theme: Theme, mark: Mark, height: number): void {
  const font = `600 10.5px ${theme.font}`;
  ctx.font = font;
  const words = mark.pinned === "edited" ? t("Edited") : t("Pinned");
  const width = ctx.measureText(words).width + 26;
  ctx.beginPath();
  ctx.roundRect(10, height - 9, width, 18, 9);
  ctx.fillStyle = theme.accent;
  ctx.fill();
  ctx.fillStyle = ctx.strokeStyle = theme.onSolid;
  ctx.beginPath();
  ctx.arc(20, height - 2, 3.2, 0, Math.PI * 2);
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(20, height);
  ctx.lineTo(20, height + 6);
  ctx.stroke();
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(words, 27, height + 0.5);
}
