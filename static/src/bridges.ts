/** Node types that stand between two sockets which do not fit: one node, ready as soon as it is in. */
import type { Catalogue } from "./catalogue.ts";
import type { NodeType, SocketSpec } from "./types.ts";

export interface Bridge {
  type: NodeType;
  input: string;
  output: string;
}

/** How well an output meets an input: 0 the very type, 1 it fits, 2 only because one of them takes anything. */
export function match(catalogue: Catalogue, output: string, input: string): number | null {
  if (!catalogue.fits(output, input)) return null;
  if (output === input) return 0;
  return /\bAny\b/.test(output) || /\bAny\b/.test(input) ? 2 : 1;
}

function best(sockets: SocketSpec[], score: (socket: SocketSpec) => number | null): [SocketSpec, number] | null {
  let found: [SocketSpec, number] | null = null;
  for (const socket of sockets) {
    const value = score(socket);
    if (value !== null && (!found || value < found[1])) found = [socket, value];
  }
  return found;
}

/** The node types that turn one type into the other, best first; none that only passes anything on. */
export function bridges(catalogue: Catalogue, output: string, input: string): Bridge[] {
  const found: { bridge: Bridge; score: number }[] = [];
  for (const type of catalogue.all()) {
    const into = best(type.inputs, (socket) => match(catalogue, output, socket.type));
    const outOf = best(type.outputs, (socket) => match(catalogue, socket.type, input));
    if (!into || !outOf || into[1] === 2 || outOf[1] === 2) continue;
    if (type.inputs.some((socket) => socket.required && socket !== into[0])) continue;
    const optional = into[0].required ? 0 : 0.5;
    found.push({ bridge: { type, input: into[0].name, output: outOf[0].name }, score: into[1] + outOf[1] + optional });
  }
  return found.sort((a, b) => a.score - b.score).map(({ bridge }) => bridge);
}
