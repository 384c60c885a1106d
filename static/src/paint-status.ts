/** Run state: an icon of its own shape for each state, words and figures; colour only repeats it. */
import { fit, measure } from "./text.ts";
import type { Theme } from "./theme.ts";
import type { RunState, RunStatus } from "./types.ts";
import { figure, n, t } from "./words.ts";

const WORDS: Record<RunState, () => string> = {
  queued: () => t("Queued"),
  running: () => t("Running"),
  waiting: () => t("Waiting"),
  succeeded: () => t("Done"),
  failed: () => t("Failed"),
  skipped: () => t("Skipped"),
};

const SIGNS: Record<RunState, string> = { queued: "◌", running: "▶", waiting: "◷", succeeded: "✓", failed: "✕", skipped: "⊘" };

/** One character for a state, beside its words. */
export function statusSign(state: RunState): string {
  return SIGNS[state] ?? "•";
}

/** 840 → "840 ms", 1240 → "1.2 s", 95000 → "1:35 min". */
export function duration(ms: number): string {
  if (ms < 1000) return t("{count} ms", { count: Math.round(ms) });
  if (ms < 60_000) return t("{count} s", { count: figure(Math.round(ms / 100) / 10) });
  const seconds = Math.round(ms / 1000);
  return t("{time} min", { time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` });
}

/** What the line above the card says. */
export function statusWords(run: RunStatus): string {
  const parts = [WORDS[run.state]?.() ?? run.state];
  if (run.state === "running" && run.progress != null) parts[0] += ` ${Math.round(run.progress * 100)} %`;
  if (run.ms != null && run.state !== "queued") parts.push(duration(run.ms));
  if (run.credits) parts.push(n("{amount} credit", "{amount} credits", run.credits, { amount: figure(run.credits) }));
  if (run.note) parts.push(run.note);
  return parts.join(" · ");
}

export function paintStatusIcon(ctx: CanvasRenderingContext2D, theme: Theme, state: RunState, x: number, y: number, r: number): void {
  const color = theme.states[state] ?? theme.muted;
  const solid = state === "succeeded" || state === "failed" || state === "waiting";
  ctx.beginPath();
  ctx.arc(x, y, solid ? r : r - 0.8, 0, Math.PI * 2);
  ctx.fillStyle = ctx.strokeStyle = color;
  ctx.lineWidth = 1.6;
  if (solid) ctx.fill();
  else {
    if (state === "queued") ctx.setLineDash([2, 2]);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.strokeStyle = solid ? theme.onSolid : color;
  ctx.lineCap = "round";
  ctx.beginPath();
  if (state !== "queued") glyph(ctx, state, x, y, r);
  ctx.stroke();
  ctx.lineCap = "butt";
}

/** The sign of a state as an open path, within a radius. */
export function glyph(ctx: CanvasRenderingContext2D, state: RunState | "problem", x: number, y: number, r: number): void {
  const line = (...points: number[]) => {
    for (let i = 0; i < points.length; i += 2) {
      const [px, py] = [x + points[i]! * r, y + points[i + 1]! * r];
      if (i === 0) ctx.moveTo(px, py);
      else ctx.lineTo(px, py);
    }
  };
  if (state === "succeeded") line(-0.45, 0.05, -0.1, 0.4, 0.48, -0.32);
  else if (state === "failed") line(-0.35, -0.35, 0.35, 0.35), line(0.35, -0.35, -0.35, 0.35);
  else if (state === "waiting") line(0, -0.5, 0, 0.05, 0.35, 0.3);
  else if (state === "running") line(-0.2, -0.4, 0.4, 0, -0.2, 0.4, -0.2, -0.4);
  else if (state === "problem") line(0, -0.5, 0, 0.15), line(0, 0.45, 0, 0.5);
  else if (state === "queued") line(-0.45, 0, -0.2, 0), line(-0.05, 0, 0.05, 0), line(0.2, 0, 0.45, 0);
  else if (state === "skipped") line(-0.45, 0.45, 0.45, -0.45);
}

/** The line above the card: icon and words of that size, at most as wide as the card. */
export function paintStatusLine(ctx: CanvasRenderingContext2D, theme: Theme, run: RunStatus, width: number, size: number): void {
  const font = `500 ${size}px ${theme.font}`;
  const radius = size * 0.56;
  paintStatusIcon(ctx, theme, run.state, radius + 1.5, -14, radius);
  const words = fit(statusWords(run), font, width - size - 12);
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.states[run.state] ?? theme.muted;
  ctx.fillText(words, 2 * radius + 7, -13.5);
}

/** A bar along the bottom edge: as long as progress says, or a piece that wanders when nobody knows. */
export function paintProgress(ctx: CanvasRenderingContext2D, theme: Theme, run: RunStatus, width: number, height: number, now: number): void {
  if (run.state !== "running") return;
  const inner = width - 20;
  ctx.fillStyle = theme.line;
  bar(ctx, 10, height - 6, inner);
  ctx.fillStyle = theme.states.running;
  if (run.progress != null) return bar(ctx, 10, height - 6, inner * Math.min(1, Math.max(0, run.progress)));
  const at = (now / 1400) % 1;
  const from = Math.max(0, at * 1.3 - 0.3);
  bar(ctx, 10 + inner * from, height - 6, inner * Math.max(0, Math.min(1, at * 1.3) - from));
}

function bar(ctx: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  if (width < 0.5) return;
  ctx.beginPath();
  ctx.roundRect(x, y, width, 3, 1.5);
  ctx.fill();
}

/** How many problems a card has: a triangle for errors, a circle for warnings, each with its count. */
export function paintBadge(ctx: CanvasRenderingContext2D, theme: Theme, errors: number, warnings: number, width: number): void {
  const count = String(errors || warnings);
  const font = `600 10.5px ${theme.font}`;
  const x = width - 12 - Math.max(0, measure(count, font) - 7) / 2;
  ctx.fillStyle = errors ? theme.error : theme.warning;
  ctx.beginPath();
  if (errors) {
    ctx.moveTo(x, -11);
    ctx.lineTo(x + 12, 9);
    ctx.lineTo(x - 12, 9);
    ctx.closePath();
  } else ctx.arc(x, 0, 9, 0, Math.PI * 2);
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.canvas;
  ctx.stroke();
  ctx.fill();
  ctx.font = font;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.onSolid;
  ctx.fillText(count, x, errors ? 3 : 0.5);
}
