/** What the server has not stored yet, kept in the tab: a crash, a restart or a lost connection takes nothing away. */
import type { Delta } from "./remote.ts";
import { rebased } from "./remote.ts";
import type { Snapshot } from "./history.ts";
import type { Json, NodeSpec, Patch, Settings } from "./types.ts";

interface Entry {
  rev: number;
  delta: Delta;
}

type NodeChange = NonNullable<Delta["nodes"]>[number];
/** Beyond this many characters the tab's storage is likely to refuse. */
const MOST = 3_000_000;

export class Journal {
  private readonly store: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  private readonly key: string;
  private entries: Entry[] = [];
  /** What an earlier page of this tab left behind. */
  private left: Delta[];

  constructor(name: string, store: Journal["store"]) {
    this.store = store;
    this.key = `sakuga-unsaved ${name}`;
    this.left = read(store, this.key);
  }

  /** A change is on its way to the server; `before` is what it starts from. */
  keep(patch: Patch, before: Snapshot): void {
    this.entries.push({ rev: patch.rev, delta: deltaOf(patch, before) });
    this.write();
  }

  /** The server has stored everything up to this change. */
  saved(rev: number): void {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => entry.rev > rev);
    if (this.entries.length !== before) this.write();
  }

  /** The document with what was left behind, field by field over what is there now; null when nothing was. */
  recovered(now: Snapshot): Snapshot | null {
    return this.left.length ? this.left.reduce(rebased, now) : null;
  }

  /** What was left behind is part of the document again. */
  done(): void {
    this.left = [];
    this.write();
  }

  private write(): void {
    const all = [...this.left, ...this.entries.map(({ delta }) => delta)];
    try {
      const text = JSON.stringify(all);
      if (!all.length) this.store.removeItem(this.key);
      else if (text.length < MOST) this.store.setItem(this.key, text);
    } catch {
      // the browser keeps nothing for this page; the server has everything within a second
    }
  }
}

/** A patch as a difference of fields, so that it can be laid over a document that others changed meanwhile. */
export function deltaOf(patch: Patch, before: Snapshot): Delta {
  const known = (spec: NodeSpec) => before.nodes.get(spec.id);
  return {
    added: patch.nodes.filter((spec) => known(spec) === undefined),
    nodes: patch.nodes.filter((spec) => known(spec) !== undefined).map((spec) => change(JSON.parse(known(spec)!) as NodeSpec, spec)),
    removed: patch.removed_nodes,
    links: patch.links,
    removed_links: patch.removed_links,
    ...(patch.groups ? { groups: patch.groups } : {}),
    ...(patch.notes ? { notes: patch.notes } : {}),
  };
}

function change(old: NodeSpec, now: NodeSpec): NodeChange {
  const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  names.delete("settings");
  names.delete("id");
  const fields = Object.fromEntries([...names].filter((name) => differs(old[name], now[name])).map((name) => [name, now[name] ?? null]));
  const [had, has]: [Settings, Settings] = [old.settings ?? {}, now.settings ?? {}];
  const settings = Object.entries(has).filter(([name, value]) => differs(Object.hasOwn(had, name) ? had[name] : undefined, value));
  const unset = Object.keys(had).filter((name) => !Object.hasOwn(has, name));
  return { id: now.id, fields: fields as Partial<NodeSpec>, settings: Object.fromEntries(settings) as Record<string, Json>, unset };
}

function read(store: Journal["store"], key: string): Delta[] {
  try {
    const found = JSON.parse(store.getItem(key) ?? "[]") as unknown;
    return Array.isArray(found) ? (found as Delta[]) : [];
  } catch {
    return [];
  }
}
