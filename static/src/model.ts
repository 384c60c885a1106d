/** The document as a LiteGraph graph, and back. Ids of the file never become LiteGraph ids. */
import { LGraph, LiteGraph, type LLink } from "@comfyorg/litegraph";
import { bendsOf, setBends } from "./bends.ts";
import { type Box, Card } from "./card.ts";
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
      const bent = this.bend(now, target);
      for (const link of now.links) if (!target.links.has(link) && !bent.has(link)) this.removeLink(JSON.parse(link) as LinkSpec);
      for (const id of now.nodes.keys()) if (!target.nodes.has(id)) this.removeCard(id);
      const retyped = new Set<string>();
      for (const [id, text] of target.nodes) if (now.nodes.get(id) !== text) this.putCard(JSON.parse(text) as NodeSpec, retyped);
      for (const link of target.links) {
        const spec = JSON.parse(link) as LinkSpec;
        if ((!now.links.has(link) && !bent.has(link)) || retyped.has(spec.from[0]) || retyped.has(spec.to[0])) this.addLink(spec);
      }
    });
    this.reorder(target.nodes.keys());
    this.shelter();
    if (now.groups !== target.groups) this.setFrames(JSON.parse(target.groups) as GroupSpec[]);
    if (now.notes !== target.notes) this.setNotes(JSON.parse(target.notes) as NoteSpec[]);
  }

  /** Links that only run another way keep their place in the file; what they were and what they are. */
  private bend(now: Snapshot, target: Snapshot): Set<string> {
    const ends = ({ from, to }: LinkSpec) => JSON.stringify([from, to]);
    const gone = new Map([...now.links].filter((link) => !target.links.has(link)).map((link) => [ends(JSON.parse(link) as LinkSpec), link]));
    const found = new Set<string>();
    if (!gone.size) return found;
    for (const link of target.links) {
      const spec = now.links.has(link) ? null : (JSON.parse(link) as LinkSpec);
      const before = spec && gone.get(ends(spec));
      const drawn = spec && before ? this.drawn(spec) : undefined;
      if (!spec || !before || !drawn) continue;
      setBends(drawn, spec.via ?? []);
      found.add(link).add(before);
    }
    return found;
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
    else {
      const link = from.connect(from.ensure("out", spec.from[1]), to, slot);
      if (link && spec.via) setBends(link, spec.via);
    }
  }

  spec(link: LLink): LinkSpec | null {
    const from = this.graph.getNodeById(link.origin_id);
    const to = this.graph.getNodeById(link.target_id);
    if (!(from instanceof Card && to instanceof Card)) return null;
    const output = from.outs[link.origin_slot];
    const input = to.ins[link.target_slot];
    if (!output || !input) return null;
    const via = bendsOf(link);
    return { from: [from.key, output.name], to: [to.key, input.name], ...(via.length ? { via: [...via] } : {}) };
  }

  setFrames(specs: GroupSpec[]): void {
    this.replace(this.frames, specs, (spec) => new Frame(spec), (frame) => this.graph.add(frame));
    this.shelter();
  }

  setNotes(specs: NoteSpec[]): void {
    this.replace(this.notes, specs, (spec) => new Note(spec), (note) => this.graph.add(note, true));
    this.shelter();
  }

  /** Hides what lies in collapsed groups, and shows all else. */
  shelter(): void {
    const all = new Map<string, Box | Frame>([...this.frames, ...this.notes, ...this.cards]);
    for (const item of all.values()) item.shelter = null;
    for (const frame of this.frames.values()) {
      if (!frame.collapsed) continue;
      for (const item of this.held(frame)) item.shelter = frame;
    }
  }

  /** Folds a group to its title, or opens it: what lay inside stays with it. */
  collapse(frame: Frame, on: boolean): void {
    const { collapsed: _, holds: __, ...rest } = frame.current();
    const holds = this.held(frame).map(({ key }) => key);
    frame.adopt(on ? { ...rest, collapsed: true, holds } : rest);
    this.shelter();
  }

  /** What a group holds: frozen while it is collapsed, else whatever lies inside. */
  held(frame: Frame): (Card | Note | Frame)[] {
    if (!frame.collapsed) frame.recomputeInsideNodes();
    const found = frame.collapsed ? this.named(frame.spec.holds ?? []) : [...frame.children];
    return found.filter((item) => item !== frame && (item instanceof Card || item instanceof Note || item instanceof Frame)) as (Card | Note | Frame)[];
  }

  /** Things, and all that those of them hold which are groups. */
  reach(items: unknown[]): Set<unknown> {
    const found = new Set<unknown>();
    for (const queue = [...items]; queue.length; ) {
      const item = queue.pop();
      if (found.has(item)) continue;
      found.add(item);
      if (item instanceof Frame) queue.push(...this.held(item));
    }
    return found;
  }

  private named(ids: string[]): unknown[] {
    return ids.flatMap((id) => [this.cards.get(id), this.notes.get(id), this.frames.get(id)]);
  }

  /** Objects that stay are kept, so that selection survives. */
  private replace<S extends { id: string }, T extends Frame | Note>(have: Map<string, T>, specs: S[], make: (spec: S) => T, add: (item: T) => void): void {
    const old = new Map(have);
    have.clear();
    for (const spec of specs) {
      const item = old.get(spec.id) ?? make(spec);
      have.set(spec.id, item);
      if (old.delete(spec.id)) item.adopt(spec as never);
      else add(item);
    }
    for (const item of old.values()) this.graph.remove(item);
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
    const ends = ({ from, to }: LinkSpec) => JSON.stringify([from, to]);
    this.stray = this.stray.filter((stray) => ends(stray) !== ends(spec));
    const link = this.drawn(spec);
    if (link) this.graph.removeLink(link.id);
  }

  /** The link between these two sockets. */
  private drawn(spec: LinkSpec): LLink | undefined {
    const to = this.cards.get(spec.to[0]);
    const link = to && this.graph._links.get(to.ins.find(({ name }) => name === spec.to[1])?.link ?? -1);
    const found = link && this.spec(link);
    return found && JSON.stringify([found.from, found.to]) === JSON.stringify([spec.from, spec.to]) ? link : undefined;
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
