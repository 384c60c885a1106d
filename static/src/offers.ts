/** What can be added at a place: every node type, or only those that fit a wire, best match first. */
import { bridges, match } from "./bridges.ts";
import type { Catalogue } from "./catalogue.ts";
import type { NodeType } from "./types.ts";

/** The loose end of a wire: the new node must take what it gives, or give what it wants. */
export interface Wanted {
  side: "from" | "to";
  type: string;
}

export interface Offer {
  type: NodeType;
  /** The socket that the wire would end at; empty without a wire. */
  socket: string;
  score: number;
}

export function offers(catalogue: Catalogue, loose: Wanted | null): Offer[] {
  const all = catalogue.all().map((type) => (loose ? fitting(catalogue, type, loose) : { type, socket: "", score: 0 }));
  return all.filter((offer) => offer !== null).sort((a, b) => a.score - b.score);
}

/** What can stand in the middle of a link from one type to another. */
export function between(catalogue: Catalogue, output: string, input: string): Offer[] {
  return bridges(catalogue, output, input).map(({ type, input: socket }, score) => ({ type, socket, score }));
}

function fitting(catalogue: Catalogue, type: NodeType, { side, type: given }: Wanted): Offer | null {
  let found: Offer | null = null;
  for (const socket of side === "from" ? type.inputs : type.outputs) {
    const meets = side === "from" ? match(catalogue, given, socket.type) : match(catalogue, socket.type, given);
    if (meets === null) continue;
    const score = meets * 10 + (side === "from" && !socket.required ? 3 : 0) + Math.min(2, others(type, socket.name));
    if (!found || score < found.score) found = { type, socket: socket.name, score };
  }
  return found;
}

/** Further inputs that would still need a link. */
function others(type: NodeType, socket: string): number {
  return type.inputs.filter(({ name, required }) => required && name !== socket).length;
}

/** Offers that hold every word; titles that begin with the query come first, then titles that hold it. */
export function searched(all: Offer[], query: string): Offer[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return all;
  const rank = ({ type }: Offer): number => {
    const title = type.title.toLocaleLowerCase();
    if (title.startsWith(words[0]!)) return 0;
    return words.every((word) => title.includes(word)) ? 1 : 2;
  };
  const holds = ({ type }: Offer): boolean => {
    const text = `${type.title} ${type.group} ${type.type} ${type.description}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  return all.filter(holds).map((offer, i) => ({ offer, i, rank: rank(offer) })).sort((a, b) => a.rank - b.rank || a.i - b.i).map(({ offer }) => offer);
}
