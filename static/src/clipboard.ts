/** Copy and paste: pieces of the graph as JSON of our own file format, through the system clipboard. */
import { FORMAT, freshId, readDocument } from "./document.ts";
import { goodId, refuseUnfit } from "./fitness.ts";
import type { Checked, GraphDocument, LinkSpec, Pair } from "./types.ts";
import { t } from "./words.ts";

const MOST = 2_000;

/** What was copied here last: trusted, and what is pasted where the browser keeps its clipboard from pages. */
let own = "";

export interface Board {
  readonly locked: boolean;
  /** The selection as a document of its own, or null when nothing is selected. */
  copy(): GraphDocument | null;
  paste(piece: GraphDocument): void;
  deleteSelection(): void;
  /** Has a text from elsewhere checked; null when there is nobody to ask. */
  check(text: string): Promise<Checked> | null;
  refuse(reason: string): void;
}

/** The text as a piece of graph; null when it is not meant to be one. */
export function readPiece(text: string): GraphDocument | null {
  if (!text.trimStart().startsWith("{")) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("nodes" in value || "notes" in value)) return null;
  const piece = readDocument(value);
  refuseUnfit(piece);
  return piece;
}

/** The piece with ids nobody has yet, moved by an offset; links inside the piece follow. */
export function renamed(piece: GraphDocument, taken: Iterable<string>, by: Pair): GraphDocument {
  const used = new Set(taken);
  const names = new Map<string, string>();
  const fresh = (id: string): string => {
    const name = freshId(goodId(id) ? id : "node", used);
    used.add(name);
    names.set(id, name);
    return name;
  };
  const moved = <T extends { id: string; position: Pair }>(items: T[]): T[] =>
    items.map((item) => ({ ...item, id: fresh(item.id), position: [item.position[0] + by[0], item.position[1] + by[1]] }));
  const nodes = moved(piece.nodes);
  const links = piece.links.filter(({ from, to }) => names.has(from[0]) && names.has(to[0]));
  const carried = links.map(({ from, to, via }): LinkSpec => ({
    from: [names.get(from[0])!, from[1]],
    to: [names.get(to[0])!, to[1]],
    ...(via ? { via: via.map(([x, y]): Pair => [x + by[0], y + by[1]]) } : {}),
  }));
  const [notes, groups] = [moved(piece.notes), moved(piece.groups)];
  const holding = groups.map((group) => (Array.isArray(group.holds) ? { ...group, holds: group.holds.filter((id) => names.has(id)).map((id) => names.get(id)!) } : group));
  return { format: FORMAT, nodes, links: carried, groups: holding, notes };
}

export function attachClipboard(board: Board, canvas: HTMLCanvasElement, signal: AbortSignal): void {
  const mine = (): boolean => document.activeElement === canvas;

  const copy = (event: ClipboardEvent): boolean => {
    const piece = mine() ? board.copy() : null;
    if (!piece || !event.clipboardData) return false;
    own = JSON.stringify(piece, null, 2);
    event.clipboardData.setData("text/plain", own);
    event.preventDefault();
    return true;
  };

  document.addEventListener("copy", copy, { signal });
  document.addEventListener("cut", (event) => {
    if (!board.locked && copy(event)) board.deleteSelection();
  }, { signal });
  document.addEventListener("paste", (event) => {
    if (!mine() || board.locked) return;
    void pasteText(board, event.clipboardData?.getData("text/plain") ?? "");
    event.preventDefault();
  }, { signal });
}

/** A piece copied here is taken as it is; what comes from elsewhere is first checked by Python. */
export async function pasteText(board: Board, text: string): Promise<void> {
  try {
    const asked = text === own || !text.trimStart().startsWith("{") ? null : board.check(text);
    const said = asked && (await asked);
    if (said && "reason" in said) return board.refuse(t("Cannot paste this: {reason}", said));
    const piece = said ? readDocument(said.piece) : readPiece(text);
    if (piece && piece.nodes.length > MOST) board.refuse(t("Too much to paste: {count} nodes, at most {most}", { count: piece.nodes.length, most: MOST }));
    else if (piece) board.paste(piece);
  } catch (error) {
    board.refuse(t("Cannot paste this: {reason}", { reason: error instanceof Error ? error.message : String(error) }));
  }
}

export async function writeClipboard(text: string): Promise<void> {
  own = text;
  await navigator.clipboard?.writeText(text).catch(() => undefined);
}

/** The system's clipboard, or what was copied here; null when neither is to be had. */
export async function readClipboard(): Promise<string | null> {
  const text = await navigator.clipboard?.readText().catch(() => null);
  return text ?? (own || null);
}
