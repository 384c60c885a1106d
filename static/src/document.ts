/** Reading documents of unknown origin: every field is checked, nothing is executed or merged. */
import type { End, GraphDocument, GroupSpec, LinkSpec, NodeSpec, NoteSpec, Pair, Settings } from "./types.ts";

export const FORMAT = "sakuga.graph/1";
/** As in graphs/document.py. */
export const MOST_BENDS = 50;

export class DocumentError extends Error {
  readonly path: string;

  constructor(path: string, wanted: string) {
    super(`${path}: ${wanted}`);
    this.path = path;
  }
}

type Raw = Record<string, unknown>;

function record(value: unknown, path: string): Raw {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new DocumentError(path, "must be an object");
  return value as Raw;
}

function list(value: unknown, path: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new DocumentError(path, "must be a list");
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw new DocumentError(path, "must be a text");
  return value;
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && value.every((n) => Number.isFinite(n));
}

function pair(value: unknown, path: string): Pair {
  if (isPair(value)) return value;
  throw new DocumentError(path, "must be two numbers");
}

function end(value: unknown, path: string): End {
  if (Array.isArray(value) && value.length === 2) return [text(value[0], `${path}[0]`), text(value[1], `${path}[1]`)];
  throw new DocumentError(path, "must be [node, socket]");
}

function readNode(value: unknown, path: string): NodeSpec {
  const raw = record(value, path);
  text(raw.id, `${path}.id`);
  text(raw.type, `${path}.type`);
  if (raw.settings !== undefined) record(raw.settings, `${path}.settings`);
  if (raw.size !== undefined && raw.size !== null) pair(raw.size, `${path}.size`);
  const position = raw.position === undefined ? [0, 0] : raw.position;
  return { ...raw, position: pair(position, `${path}.position`) } as NodeSpec;
}

function readLink(value: unknown, path: string): LinkSpec {
  const raw = record(value, path);
  const via = list(raw.via, `${path}.via`).map((point, i) => pair(point, `${path}.via[${i}]`));
  if (via.length > MOST_BENDS) throw new DocumentError(`${path}.via`, `must have at most ${MOST_BENDS} points`);
  return { from: end(raw.from, `${path}.from`), to: end(raw.to, `${path}.to`), ...(via.length ? { via } : {}) };
}

/** Remarks decide nothing about a run: what is wrong with one is mended instead of keeping the graph shut. */
function readBox(value: unknown, i: number, words: "title" | "text"): GroupSpec & NoteSpec {
  const raw = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
  const said = typeof raw[words] === "string" ? raw[words] : "";
  return {
    ...raw,
    id: typeof raw.id === "string" && raw.id ? raw.id : `${words === "title" ? "group" : "note"}_${i + 1}`,
    [words]: said,
    position: isPair(raw.position) ? raw.position : [0, 0],
    size: isPair(raw.size) ? raw.size : [220, 120],
  } as GroupSpec & NoteSpec;
}

/** Gives things that share an id one of their own, beginning with the second; the ids that were shared. */
function apart<T extends { id: string }>(items: T[]): { items: T[]; shared: string[] } {
  const all = new Set(items.map(({ id }) => id));
  const seen = new Set<string>();
  const shared: string[] = [];
  const named = items.map((item) => {
    const id = seen.has(item.id) ? freshId(item.id, all) : item.id;
    if (id !== item.id) shared.push(item.id);
    seen.add(id);
    all.add(id);
    return id === item.id ? item : { ...item, id };
  });
  return { items: named, shared };
}

export interface Reading {
  document: GraphDocument;
  /** Ids that more than one node had; all but the first were renamed. */
  shared: string[];
}

/** A checked copy of a document; raises DocumentError naming the first wrong field. */
export function readDocument(value: unknown): GraphDocument {
  return openDocument(value).document;
}

/** The same, with what had to be mended. */
export function openDocument(value: unknown): Reading {
  const raw = structuredClone(record(value, "document"));
  const nodes = apart(list(raw.nodes, "nodes").map((node, i) => readNode(node, `nodes[${i}]`)));
  const links = list(raw.links, "links").map((link, i) => readLink(link, `links[${i}]`));
  const groups = apart(list(raw.groups, "groups").map((group, i) => readBox(group, i, "title"))).items;
  const notes = apart(list(raw.notes, "notes").map((note, i) => readBox(note, i, "text"))).items;
  const format = typeof raw.format === "string" ? raw.format : FORMAT;
  return { document: { ...raw, format, nodes: nodes.items, links, groups, notes }, shared: nodes.shared };
}

/** The first of base, base_2, base_3 … that is not taken. */
export function freshId(base: string, taken: { has(id: string): boolean }): string {
  const stem = base.replace(/_\d+$/, "") || "node";
  if (!taken.has(stem)) return stem;
  let n = 2;
  while (taken.has(`${stem}_${n}`)) n += 1;
  return `${stem}_${n}`;
}

/** What the palette put into a drag: a type name, or JSON {type, settings}. */
export function readDrop(data: string): { type: string; settings: Settings | null } {
  if (!data.trimStart().startsWith("{")) return { type: data, settings: null };
  try {
    const { type, settings } = JSON.parse(data) as { type?: unknown; settings?: unknown };
    const fits = typeof settings === "object" && settings !== null && !Array.isArray(settings);
    return { type: String(type), settings: fits ? (settings as Settings) : null };
  } catch {
    return { type: data, settings: null };
  }
}
