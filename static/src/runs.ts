/** Run state by node id. It outlives undo and deleting, and moves the wandering bars. */
import type { Mark, RunStatus } from "./types.ts";

const TICK_MS = 80;

export class Runs extends Map<string, RunStatus> {
  /** Stale and pinned nodes; they outlive the run state. */
  readonly marks = new Map<string, Mark>();
  private readonly redraw: (ids: Iterable<string>) => void;
  private ticker = 0;
  /** Counts updates. */
  changes = 0;

  /** `redraw` is told whose state changed. */
  constructor(redraw: (ids: Iterable<string>) => void) {
    super();
    this.redraw = redraw;
  }

  /** Given fields replace, absent ones stay, null clears; a node that starts over keeps its picture only. */
  update(batch: Record<string, RunStatus | null>): void {
    this.changes += 1;
    for (const [id, next] of Object.entries(batch)) {
      if (next === null) this.delete(id);
      else this.set(id, merged(this.get(id), next));
    }
    this.tick();
    this.redraw(Object.keys(batch));
  }

  /** Replaces all marks. */
  mark(all: Record<string, Mark>): void {
    const touched = new Set([...this.marks.keys(), ...Object.keys(all)]);
    this.marks.clear();
    for (const [id, mark] of Object.entries(all)) this.marks.set(id, mark);
    this.redraw(touched);
  }

  override clear(): void {
    const all = [...this.keys()];
    super.clear();
    this.changes += 1;
    this.tick?.();
    this.redraw?.(all);
  }

  private tick(): void {
    const still = typeof matchMedia !== "undefined" && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const wandering = still ? [] : [...this].filter(([, { state, progress }]) => state === "running" && progress == null).map(([id]) => id);
    clearInterval(this.ticker);
    this.ticker = wandering.length ? window.setInterval(() => this.redraw(wandering), TICK_MS) : 0;
  }
}

const ENDED = new Set(["succeeded", "failed", "skipped"]);

function merged(old: RunStatus | undefined, next: RunStatus): RunStatus {
  const again = old !== undefined && ENDED.has(old.state) && !ENDED.has(next.state);
  return again ? { thumb_url: old.thumb_url, ...next } : { ...old, ...next };
}
