/** What the server would refuse in a piece of graph, said before it is taken in; the rules are those of graphs/document.py. */
import { DocumentError } from "./document.ts";
import type { GraphDocument, Pair } from "./types.ts";

const [LONGEST_TITLE, LONGEST_TYPE, LONGEST_SOCKET] = [200, 100, 64];
const [FARTHEST, LARGEST, DEEPEST] = [1e7, 1e5, 64];
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
// biome-ignore lint: control characters are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;

/** Whether the server takes it as an id. */
export function goodId(id: string): boolean {
  return ID.test(id);
}

/** Raises DocumentError with the node and the field when something could never be saved. */
export function refuseUnfit(piece: GraphDocument): void {
  for (const [i, node] of piece.nodes.entries()) {
    const at = `nodes[${i}] ('${node.id.slice(0, 40)}')`;
    shorter(node.type, LONGEST_TYPE, `${at}.type`);
    if (typeof node.title === "string") shorter(node.title, LONGEST_TITLE, `${at}.title`);
    within(node.position, FARTHEST, `${at}.position`);
    if (node.size) within(node.size, LARGEST, `${at}.size`, 0);
    safe(node, at);
  }
  for (const [i, { from, to }] of piece.links.entries()) {
    shorter(from[1], LONGEST_SOCKET, `links[${i}].from`);
    shorter(to[1], LONGEST_SOCKET, `links[${i}].to`);
  }
  for (const part of ["groups", "notes"] as const) {
    for (const [i, box] of piece[part].entries()) {
      within(box.position, FARTHEST, `${part}[${i}].position`);
      within(box.size, LARGEST, `${part}[${i}].size`, 0);
      safe(box, `${part}[${i}]`);
    }
  }
}

function shorter(text: string, most: number, path: string): void {
  if (text.length > most) throw new DocumentError(path, `must have at most ${most} characters`);
}

function within(pair: Pair, most: number, path: string, least = -most): void {
  if (pair.some((each) => each < least || each > most)) throw new DocumentError(path, `must lie between ${least} and ${most}`);
}

function safe(value: unknown, path: string, depth = 0): void {
  if (typeof value === "string" && UNSAFE.test(value)) throw new DocumentError(path, "holds a control character or half a surrogate pair");
  if (typeof value !== "object" || value === null) return;
  if (depth > DEEPEST) throw new DocumentError(path, `is nested deeper than ${DEEPEST} levels`);
  for (const [key, item] of Object.entries(value)) {
    if (RESERVED.has(key)) throw new DocumentError(path, `has the key '${key}', which is not allowed`);
    safe(item, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key.slice(0, 60)}`, depth + 1);
  }
}
