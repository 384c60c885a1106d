/** Snapshots of the document, their difference (a patch) and undo. Strings are shared between snapshots. */
import type { GraphDocument, GroupSpec, LinkSpec, NodeSpec, NoteSpec, Patch } from "./types.ts";

export interface Snapshot {
  nodes: Map<string, string>;
  links: Set<string>;
  groups: string;
  notes: string;
}

export function snapshot(document: GraphDocument, before?: Snapshot): Snapshot {
  const nodes = new Map<string, string>();
  for (const node of document.nodes) {
    const now = JSON.stringify(node);
    const old = before?.nodes.get(node.id);
    nodes.set(node.id, old === now ? old : now);
  }
  return {
    nodes,
    links: new Set(document.links.map(({ from, to, via }) => JSON.stringify(via ? { from, to, via } : { from, to }))),
    groups: JSON.stringify(document.groups),
    notes: JSON.stringify(document.notes),
  };
}

/** What leads from one snapshot to the next, or null when nothing does. */
export function difference(from: Snapshot, to: Snapshot): Omit<Patch, "rev"> | null {
  const nodes = [...to.nodes].filter(([id, text]) => from.nodes.get(id) !== text);
  const gone = [...from.nodes.keys()].filter((id) => !to.nodes.has(id));
  const links = [...to.links].filter((link) => !from.links.has(link));
  const cut = [...from.links].filter((link) => !to.links.has(link));
  const groups = from.groups !== to.groups;
  const notes = from.notes !== to.notes;
  if (!(nodes.length || gone.length || links.length || cut.length || groups || notes)) return null;
  return {
    nodes: nodes.map(([, text]) => JSON.parse(text) as NodeSpec),
    links: links.map((text) => JSON.parse(text) as LinkSpec),
    removed_nodes: gone,
    removed_links: cut.map((text) => JSON.parse(text) as LinkSpec),
    ...(groups ? { groups: JSON.parse(to.groups) as GroupSpec[] } : {}),
    ...(notes ? { notes: JSON.parse(to.notes) as NoteSpec[] } : {}),
  };
}

const COALESCE_MS = 1500;

/** Undo over whole gestures; commits with the same tag in quick succession are one step. */
export class History {
  present: Snapshot;
  private past: Snapshot[] = [];
  private future: Snapshot[] = [];
  private tag = "";
  private at = 0;
  private readonly limit: number;

  constructor(present: Snapshot, limit = 100) {
    this.present = present;
    this.limit = limit;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  commit(next: Snapshot, tag = "", now = Date.now()): void {
    const same = tag !== "" && tag === this.tag && now - this.at < COALESCE_MS;
    if (!same) this.past.push(this.present);
    if (this.past.length > this.limit) this.past.shift();
    this.present = next;
    this.future = [];
    this.tag = tag;
    this.at = now;
  }

  /** Every state, the present one included, as it would be had something else been so all along. */
  rewrite(change: (state: Snapshot) => Snapshot): void {
    this.present = change(this.present);
    this.past = this.past.map(change);
    this.future = this.future.map(change);
  }

  undo(): Snapshot | null {
    return this.step(this.past, this.future);
  }

  redo(): Snapshot | null {
    return this.step(this.future, this.past);
  }

  private step(from: Snapshot[], to: Snapshot[]): Snapshot | null {
    const next = from.pop();
    if (!next) return null;
    to.push(this.present);
    this.present = next;
    this.tag = "";
    return next;
  }
}
