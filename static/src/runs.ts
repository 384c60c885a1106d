/** Run state by node id. It outlives undo and deleting, and moves the wandering bars. */
import type { RunStatus } from "./types.ts";

const TICK_MS = 80;

export class Runs extends Map<string, RunStatus> {
  private readonly redraw: () => void;
  private ticker = 0;

  constructor(redraw: () => void) {
    super();
    this.redraw = redraw;
  }

  /** Given fields replace, absent ones stay, null clears; a node that starts over keeps its picture only. */
  update(batch: Record<string, RunStatus | null>): void {
    for (const [id, next] of Object.entries(batch)) {
      if (next === null) this.delete(id);
      else this.set(id, merged(this.get(id), next));
    }
    this.tick();
    this.redraw();
  }

  override clear(): void {
    super.clear();
    this.tick?.();
  }

  private tick(): void {
    const still = typeof matchMedia !== "undefined" && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moving = !still && [...this.values()].some(({ state, progress }) => state === "running" && progress == null);
    clearInterval(this.ticker);
    this.ticker = moving ? window.setInterval(this.redraw, TICK_MS) : 0;
    this.redraw();
  }
}

const ENDED = new Set(["succeeded", "failed", "skipped"]);

function merged(old: RunStatus | undefined, next: RunStatus): RunStatus {
  const again = old !== undefined && ENDED.has(old.state) && !ENDED.has(next.state);
  return again ? { thumb_url: old.thumb_url, ...next } : { ...old, ...next };
}
