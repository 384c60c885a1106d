/** The document as a LiteGraph graph, and back. Ids of the file never become LiteGraph ids. */
import { LGraph, LiteGraph, type LLink } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import type { Catalogue } from "./catalogue.ts";
import { openDocument } from "./document.ts";
import { snapshot, type Snapshot } from "./history.ts";
import { reason } from "./judge.ts";
import { Frame, Note } from "./note.ts";
import type { GraphDocument, GroupSpec, LinkSpec, NodeSpec, NoteSpec, Settings, SocketSpec, Sockets } from "./types.ts";

LiteGraph.MAX_NUMBER_OF_NODES = 50_000;
// Links are judged by `reason`; LiteGraph's own rule knows nothing of our types.
LiteGraph.isValidConnection = () => true;

export class Model {
  readonly graph = new LGraph();
  readonly catalogue: Catalogue;
  readonly cards = new Map<string, Card>();
  readonly notes = new Map<string, Note>();
  readonly frames = new Map<string, Frame>();
  private readonly sockets = new Map<string, Sockets>();
  private head: Partial<GraphDocument> = {};
  /** Links of the file that cannot be drawn: an end is missing, or the input is taken. */
  private stray: LinkSpec[] = [];
  private loading = false;

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
    // Python orders the run; keeping LiteGraph's order would cost a pass over the graph per change.
    this.graph.updateExecutionOrder = () => undefined;
  }

  /** Shows a document; the ids that more than one node had, and which all but the first lost. */
  load(value: unknown, sockets: Record<string, Sockets> = {}): string[] {
    const { document, shared } = openDocument(value);
    const { nodes, links, groups, notes, ...head } = document;
    this.clear();
    this.head = head;
    for (const [id, own] of Object.entries(sockets)) this.sockets.set(id, own);
    this.quietly(() => {
      for (const node of nodes) this.addCard(node);
      for (const link of links) this.addLink(link);
    });
    this.setFrames(groups);
    this.setNotes(notes);
    return shared;
  }

  save(): GraphDocument {
    return {
      ...this.head,
      nodes: [...this.cards.values()].map((card) => card.current()),
      links: this.links(),
      groups: [...this.frames.values()].map((frame) => frame.current()),
      notes: [...this.notes.values()].map((note) => note.current()),
    } as GraphDocument;
  }

  snapshot(before?: Snapshot): Snapshot {
    return snapshot(this.save(), before);
  }

  /** Makes the graph equal to a snapshot, keeping every card object that is in both. */
  restore(target: Snapshot): void {
    const now = this.snapshot();
    this.quietly(() => {
      for (const link of now.links) if (!target.links.has(link)) this.removeLink(JSON.parse(link) as LinkSpec);
      for (const id of now.nodes.keys()) if (!target.nodes.has(id)) this.removeCard(id);
      const retyped = new Set<string>();
      for (const [id, text] of target.nodes) if (now.nodes.get(id) !== text) this.putCard(JSON.parse(text) as NodeSpec, retyped);
      for (const link of target.links) {
        const spec = JSON.parse(link) as LinkSpec;
        if (!now.links.has(link) || retyped.has(spec.from[0]) || retyped.has(spec.to[0])) this.addLink(spec);
      }
    });
    this.reorder(target.nodes.keys());
    if (now.groups !== target.groups) this.setFrames(JSON.parse(target.groups) as GroupSpec[]);
    if (now.notes !== target.notes) this.setNotes(JSON.parse(target.notes) as NoteSpec[]);
  }

  addCard(spec: NodeSpec): Card {
    const card = new Card(spec, this.catalogue.get(spec.type), (from, output, to, input) => this.judge(from, output, to, input));
    this.cards.set(spec.id, card);
    this.graph.add(card, true);
    card.setSockets(this.sockets.get(spec.id) ?? this.catalogue.sockets(spec.type));
    card.adopt(spec);
    return card;
  }

  removeCard(id: string): void {
    const card = this.cards.get(id);
    if (card?.graph) this.graph.remove(card);
    this.cards.delete(id);
    this.stray = this.stray.filter(({ from, to }) => from[0] !== id && to[0] !== id);
  }

  setSockets(id: string, sockets: Sockets): void {
    this.sockets.set(id, sockets);
    this.cards.get(id)?.setSockets(sockets);
  }

  /** Null keeps settings and title; a cache is kept when it is left out, and null takes it away. */
  setSettings(id: string, settings: Settings | null, title?: string | null, cache?: Settings | null): boolean {
    const card = this.cards.get(id);
    if (!card) return false;
    const spec = { ...card.current() };
    if (cache) spec.cache = cache;
    else if (cache === null) delete spec.cache;
    if (settings) spec.settings = settings;
    if (title !== undefined && title !== null) spec.title = title;
    card.adopt(spec);
    return true;
  }

  /** Why a link may not be made, or null. Loading and undo put back whatever was there. */
  judge(from: Card, output: SocketSpec, to: Card, input: SocketSpec): string | null {
    return this.loading ? null : reason(this.catalogue, from, output, to, input);
  }

  addLink(spec: LinkSpec): void {
    const from = this.cards.get(spec.from[0]);
    const to = this.cards.get(spec.to[0]);
    const slot = from && to && from !== to ? to.ensure("in", spec.to[1]) : -1;
    if (!from || !to || slot < 0 || to.ins[slot]!.link != null) this.stray.push(spec);
    else from.connect(from.ensure("out", spec.from[1]), to, slot);
  }

  spec(link: LLink): LinkSpec | null {
    const from = this.graph.getNodeById(link.origin_id);
    const to = this.graph.getNodeById(link.target_id);
    if (!(from instanceof Card && to instanceof Card)) return null;
    const output = from.outs[link.origin_slot];
    const input = to.ins[link.target_slot];
    return output && input ? { from: [from.key, output.name], to: [to.key, input.name] } : null;
  }

  setFrames(specs: GroupSpec[]): void {
    for (const frame of this.frames.values()) this.graph.remove(frame);
    this.frames.clear();
    for (const spec of specs) {
      const frame = new Frame(spec);
      this.frames.set(spec.id, frame);
      this.graph.add(frame);
    }
  }

  setNotes(specs: NoteSpec[]): void {
    for (const note of this.notes.values()) this.graph.remove(note);
    this.notes.clear();
    for (const spec of specs) {
      const note = new Note(spec);
      this.notes.set(spec.id, note);
      this.graph.add(note, true);
    }
  }

  /** Forget cards, notes and groups that LiteGraph removed by itself; drop sockets nobody uses any more. */
  sweep(): void {
    for (const [id, card] of this.cards) if (card.graph === null) this.removeCard(id);
    for (const [id, note] of this.notes) if (note.graph === null) this.notes.delete(id);
    for (const [id, frame] of this.frames) if (!frame.graph) this.frames.delete(id);
    for (const card of this.cards.values()) if (card.stale) card.setSockets(this.declared(card));
  }

  private declared(card: Card): Sockets {
    return this.sockets.get(card.key) ?? this.catalogue.sockets(card.type);
  }

  private links(): LinkSpec[] {
    const drawn = [...this.graph._links.values()].map((link) => this.spec(link));
    return [...drawn.filter((link) => link !== null), ...this.stray];
  }

  private removeLink(spec: LinkSpec): void {
    const text = JSON.stringify(spec);
    this.stray = this.stray.filter(({ from, to }) => JSON.stringify({ from, to }) !== text);
    for (const link of this.graph._links.values()) {
      if (JSON.stringify(this.spec(link)) === text) return this.graph.removeLink(link.id);
    }
  }

  /** Of another type it is another card: its links are gone with the old one. */
  private putCard(spec: NodeSpec, retyped: Set<string>): void {
    const card = this.cards.get(spec.id);
    if (card && card.type === spec.type) return card.adopt(spec);
    if (card) {
      this.removeCard(spec.id);
      retyped.add(spec.id);
    }
    this.addCard(spec);
  }

  private reorder(ids: Iterable<string>): void {
    for (const id of ids) {
      const card = this.cards.get(id);
      if (card) this.cards.delete(id), this.cards.set(id, card);
    }
  }

  private clear(): void {
    this.graph.clear();
    for (const store of [this.cards, this.notes, this.frames, this.sockets]) store.clear();
    this.stray = [];
  }

  private quietly(work: () => void): void {
    this.loading = true;
    try {
      work();
    } finally {
      this.loading = false;
    }
  }
}
