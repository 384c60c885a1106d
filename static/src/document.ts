/** Reading documents of unknown origin: every field is checked, nothing is executed or merged. */
import type { End, GraphDocument, GroupSpec, LinkSpec, NodeSpec, NoteSpec, Pair, Settings } from "./types.ts";

export const FORMAT = "sakuga.graph/1";

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

function pair(value: unknown, path: string): Pair {
  if (Array.isArray(value) && value.length === 2 && value.every((n) => Number.isFinite(n))) return value as Pair;
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
  return { from: end(raw.from, `${path}.from`), to: end(raw.to, `${path}.to`) };
}

function readBox(value: unknown, path: string, words: "title" | "text"): GroupSpec & NoteSpec {
  const raw = record(value, path);
  const said = typeof raw[words] === "string" ? raw[words] : "";
  return {
    ...raw,
    id: text(raw.id, `${path}.id`),
    [words]: said,
    position: pair(raw.position, `${path}.position`),
    size: pair(raw.size, `${path}.size`),
  } as GroupSpec & NoteSpec;
}

function unique(items: { id: string }[], path: string): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new DocumentError(path, `id '${id}' is used twice`);
    seen.add(id);
  }
}

/** A checked copy of a document; raises DocumentError naming the first wrong field. */
export function readDocument(value: unknown): GraphDocument {
  const raw = structuredClone(record(value, "document"));
  const nodes = list(raw.nodes, "nodes").map((node, i) => readNode(node, `nodes[${i}]`));
  const links = list(raw.links, "links").map((link, i) => readLink(link, `links[${i}]`));
  const groups = list(raw.groups, "groups").map((group, i) => readBox(group, `groups[${i}]`, "title"));
  const notes = list(raw.notes, "notes").map((note, i) => readBox(note, `notes[${i}]`, "text"));
  unique(nodes, "nodes");
  unique(groups, "groups");
  unique(notes, "notes");
  return { ...raw, format: typeof raw.format === "string" ? raw.format : FORMAT, nodes, links, groups, notes };
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
    const value = JSON.parse(data) as { type?: unknown; settings?: Settings };
    return { type: String(value.type), settings: value.settings ?? null };
  } catch {
    return { type: data, settings: null };
  }
}
