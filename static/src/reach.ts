/** What makes the canvas reachable without seeing or pointing: a moving focus, words for what happens, a list, a way to select by finger. */
import { Outline } from "./outline.ts";
import { Roving } from "./roving.ts";
import { Speaker } from "./speaker.ts";
import { TouchSelect } from "./touch-select.ts";
import type { Patch } from "./types.ts";
import type { GraphView } from "./view.ts";

export class Reach {
  readonly roving: Roving;
  readonly outline: Outline;
  readonly fingers: TouchSelect;
  private readonly speaker: Speaker;

  constructor(view: GraphView, signal: AbortSignal) {
    this.speaker = new Speaker(view);
    this.roving = new Roving(view);
    this.outline = new Outline(view);
    this.fingers = new TouchSelect(view, signal);
  }

  /** Other things are selected. */
  selected(): void {
    this.outline.refresh();
    this.fingers.refresh();
  }

  say(text: string): void {
    this.speaker.say(text);
  }

  /** Another document is shown. */
  loaded(): void {
    this.speaker.reset();
    this.outline.refresh();
  }

  /** The document changed. */
  changed(patch: Patch): void {
    this.speaker.told(patch);
    this.outline.refresh();
  }
}
