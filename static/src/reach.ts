/** What makes the canvas reachable without seeing or pointing: a moving focus, words for what happens, a list. */
import { Outline } from "./outline.ts";
import { Roving } from "./roving.ts";
import { Speaker } from "./speaker.ts";
import type { Patch } from "./types.ts";
import type { GraphView } from "./view.ts";

export class Reach {
  readonly roving: Roving;
  readonly outline: Outline;
  private readonly speaker: Speaker;

  constructor(view: GraphView) {
    this.speaker = new Speaker(view);
    this.roving = new Roving(view);
    this.outline = new Outline(view);
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
