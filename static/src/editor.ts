/** The document being edited: the graph, its undo history and the patches that tell Python. No DOM. */
import { Card } from "./card.ts";
import { renamed } from "./clipboard.ts";
import { FORMAT, freshId } from "./document.ts";
import { difference, History, type Snapshot } from "./history.ts";
import type { Model } from "./model.ts";
import type { End, GraphDocument, GroupSpec, NoteSpec, Pair, Patch, Payload, Settings, Sockets } from "./types.ts";

/** Sockets to link a new node with, when one fits. */
export interface Wish {
  from?: End | null;
  to?: End | null;
}

export class Editor {
  readonly model: Model;
  rev = 0;
  history: History;
  private readonly emit: (patch: Patch, before: Snapshot) => void;

  /** `emit` gets each change, and what it starts from. */
  constructor(model: Model, emit: (patch: Patch, before: Snapshot) => void) {
    this.model = model;
    this.emit = emit;
    this.history = new History(model.snapshot());
  }

  get undoable(): { undo: boolean; redo: boolean } {
    return { undo: this.history.canUndo, redo: this.history.canRedo };
  }

  /** Shows a document; see Model.load. */
  load(payload: Payload): string[] {
    const shared = this.model.load(payload.document, payload.sockets);
    this.rev = payload.revision ?? 0;
    this.history = new History(this.model.snapshot());
    return shared;
  }

  /** Takes note of what changed since the last call: one undo step, one patch. True when something did. */
  flush(tag = ""): boolean {
    this.model.sweep();
    const before = this.history.present;
    const now = this.model.snapshot(before);
    const change = difference(before, now);
    if (!change) return false;
    this.history.commit(now, tag);
    this.send(change, before);
    return true;
  }

  undo(): boolean {
    return this.travel(() => this.history.undo());
  }

  redo(): boolean {
    return this.travel(() => this.history.redo());
  }

  /** A new node of a known type; null when the catalogue does not have it. */
  addNode(type: string, position: Pair, settings: Settings = {}, wish: Wish = {}): Card | null {
    if (!this.model.catalogue.get(type)) return null;
    const id = freshId(type, this.model.cards);
    const card = this.model.addCard({ id, type, settings, position: this.free(position) });
    this.wire(card, wish);
    return card;
  }

  addNote(note: Omit<NoteSpec, "id">): string {
    const id = freshId("note", this.model.notes);
    const notes = [...this.model.notes.values()].map((each) => each.current());
    this.model.setNotes([...notes, { ...note, id } as NoteSpec]);
    return id;
  }

  setNote(id: string, text: string): void {
    this.model.setNotes([...this.model.notes.values()].map((note) => (note.key === id ? { ...note.current(), text } : note.current())));
  }

  addGroup(group: Omit<GroupSpec, "id">): string {
    const id = freshId("group", this.model.frames);
    const groups = [...this.model.frames.values()].map((each) => each.current());
    this.model.setFrames([...groups, { ...group, id } as GroupSpec]);
    return id;
  }

  setSockets(sockets: Record<string, Sockets>): void {
    for (const [id, own] of Object.entries(sockets)) this.model.setSockets(id, own);
  }

  /** The named cards, notes and groups and the links between them. */
  piece(ids: Set<string>, notes: Set<string>, groups: Set<string>): GraphDocument {
    const all = this.model.save();
    return {
      format: FORMAT,
      nodes: all.nodes.filter(({ id }) => ids.has(id)),
      links: all.links.filter(({ from, to }) => ids.has(from[0]) && ids.has(to[0])),
      groups: all.groups.filter(({ id }) => groups.has(id)),
      notes: all.notes.filter(({ id }) => notes.has(id)),
    };
  }

  /** Puts a piece in under fresh ids; the ids it got. */
  paste(piece: GraphDocument, by: Pair): GraphDocument {
    const { cards, notes, frames } = this.model;
    const fresh = renamed(piece, [...cards.keys(), ...notes.keys(), ...frames.keys()], by);
    for (const node of fresh.nodes) this.model.addCard(node);
    for (const link of fresh.links) this.model.addLink(link);
    if (fresh.groups.length) this.model.setFrames([...[...frames.values()].map((frame) => frame.current()), ...fresh.groups]);
    if (fresh.notes.length) this.model.setNotes([...[...notes.values()].map((note) => note.current()), ...fresh.notes]);
    return fresh;
  }

  private travel(step: () => History["present"] | null): boolean {
    this.flush();
    const before = this.history.present;
    const target = step();
    if (!target) return false;
    this.model.restore(target);
    const change = difference(before, target);
    if (change) this.send(change, before);
    return true;
  }

  private send(change: Omit<Patch, "rev">, before: Snapshot): void {
    this.rev += 1;
    this.emit({ rev: this.rev, ...change }, before);
  }

  /** The position, moved down and right until no other card starts there. */
  private free([x, y]: Pair): Pair {
    const taken = (px: number, py: number) => [...this.model.cards.values()].some(({ pos }) => Math.abs(pos[0]! - px) < 20 && Math.abs(pos[1]! - py) < 20);
    let [px, py] = [Math.round(x / 10) * 10, Math.round(y / 10) * 10];
    while (taken(px, py)) [px, py] = [px + 30, py + 30];
    return [px, py];
  }

  private wire(card: Card, { from, to }: Wish): void {
    const source = from && this.model.cards.get(from[0]);
    const output = source ? source.outs.findIndex(({ name }) => name === from[1]) : -1;
    if (source && output >= 0) {
      const spec = source.outs[output]!.spec;
      const fits = card.ins.filter((slot) => this.model.judge(source, spec, card, slot.spec) === null);
      const best = fits.find((slot) => slot.type === spec.type) ?? fits[0];
      if (best) source.connect(output, card, card.ins.indexOf(best));
    }
    const sink = to && this.model.cards.get(to[0]);
    const input = sink ? sink.ins.findIndex(({ name }) => name === to[1]) : -1;
    if (sink && input >= 0) {
      const spec = sink.ins[input]!.spec;
      const fits = card.outs.filter((slot) => this.model.judge(card, slot.spec, sink, spec) === null);
      const best = fits.find((slot) => slot.type === spec.type) ?? fits[0];
      if (best) card.connect(card.outs.indexOf(best), sink, input);
    }
  }
}
