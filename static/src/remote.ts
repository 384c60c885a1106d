/** What others changed comes in between one's own gestures: it is not sent back, and undo does not take it away. */
import type { Snapshot } from "./history.ts";
import type { GroupSpec, LinkSpec, NodeSpec, NoteSpec, Payload, Settings } from "./types.ts";
import type { GraphView } from "./view.ts";
import { snapshot } from "./history.ts";
import { readDocument } from "./document.ts";

interface NodeChange {
  id: string;
  fields: Partial<NodeSpec>;
  settings: Settings;
  unset: string[];
}

/** As ``graphs.delta`` makes it. */
export interface Delta {
  nodes?: NodeChange[];
  added?: NodeSpec[];
  removed?: string[];
  links?: LinkSpec[];
  removed_links?: LinkSpec[];
  groups?: GroupSpec[];
  notes?: NoteSpec[];
}

function changed(spec: NodeSpec, { fields, settings, unset }: NodeChange): NodeSpec {
  const next: NodeSpec = { ...spec, ...fields };
  if (next.size === null) delete next.size;
  if (!Object.keys(settings).length && !unset.length) return next;
  next.settings = { ...spec.settings, ...settings };
  for (const name of unset) delete next.settings[name];
  return next;
}

const written = ({ from, to, via }: LinkSpec): string => JSON.stringify(via?.length ? { from, to, via } : { from, to });
const ends = ({ from, to }: LinkSpec): string => JSON.stringify({ from, to });

/** A snapshot with what others changed; what it does not have is passed over. */
export function rebased(before: Snapshot, delta: Delta): Snapshot {
  const nodes = new Map(before.nodes);
  const links = new Set(before.links);
  for (const id of delta.removed ?? []) {
    nodes.delete(id);
    for (const link of links) if (touches(JSON.parse(link) as LinkSpec, id)) links.delete(link);
  }
  for (const spec of delta.added ?? []) nodes.set(spec.id, JSON.stringify(spec));
  for (const change of delta.nodes ?? []) {
    const text = nodes.get(change.id);
    if (text !== undefined) nodes.set(change.id, JSON.stringify(changed(JSON.parse(text) as NodeSpec, change)));
  }
  // a link is known by its ends, whatever points its line passes
  const cut = new Set([...(delta.removed_links ?? []), ...(delta.links ?? [])].map(ends));
  if (cut.size) for (const link of links) if (cut.has(ends(JSON.parse(link) as LinkSpec))) links.delete(link);
  for (const link of delta.links ?? []) if (nodes.has(link.from[0]) && nodes.has(link.to[0])) links.add(written(link));
  return {
    nodes,
    links,
    groups: delta.groups ? JSON.stringify(delta.groups) : before.groups,
    notes: delta.notes ? JSON.stringify(delta.notes) : before.notes,
  };
}

function touches({ from, to }: LinkSpec, id: string): boolean {
  return from[0] === id || to[0] === id;
}

/** Shows another document as one step of undo that is sent like any gesture: a restored version, a repair. */
export function adopt(view: GraphView, payload: Payload): void {
  if (view.locked) return;
  view.flush();
  view.editor.setSockets(payload.sockets ?? {});
  view.model.restore(snapshot(readDocument(payload.document)));
  view.flush();
  view.fit();
}

/** Applies a change as an own gesture, one step of undo. */
export function apply(view: GraphView, delta: Delta): void {
  if (view.locked) return;
  view.flush();
  view.model.restore(rebased(view.model.snapshot(), delta));
  view.flush();
}

const BUSY_MS = 120;

/** Takes changes of others in order, each between two gestures; `seen` is the number of the last one. */
export class Remote {
  seen = 0;
  /** While a document is on its way nothing is applied: it would be lost with the old one. */
  private loading = false;
  private readonly view: GraphView;
  private waiting: [number, Delta][] = [];
  private timer = 0;

  constructor(view: GraphView) {
    this.view = view;
  }

  hold(): void {
    this.loading = true;
  }

  /** A document was loaded that has everything up to this number; without one the old one stands. */
  loaded(seen = this.seen): void {
    this.seen = seen;
    this.loading = false;
    this.drain();
  }

  take(number: number, delta: Delta): void {
    this.waiting.push([number, delta]);
    this.drain();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private drain(): void {
    clearTimeout(this.timer);
    if (this.loading) return;
    const { surface } = this.view;
    if (surface.isDragging || surface.linkConnector.isConnecting || surface.resizing_node) {
      this.timer = window.setTimeout(() => this.drain(), BUSY_MS);
      return;
    }
    for (const [number, delta] of this.waiting.splice(0)) if (number > this.seen) this.enter(number, delta);
  }

  private enter(number: number, delta: Delta): void {
    const { model, editor } = this.view;
    this.seen = number;
    model.sweep();
    const chosen = this.view.selection().ids;
    model.restore(rebased(model.snapshot(), delta));
    editor.history.rewrite((each) => rebased(each, delta));
    if (delta.removed?.length) this.view.select(chosen.filter((id) => model.cards.has(id)));
    this.view.surface.redraw();
  }
}
