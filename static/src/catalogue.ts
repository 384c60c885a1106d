/** Node types as Python gives them, and which socket fits which (Python stays the judge). */
import type { Accepts, NodeType, Sockets } from "./types.ts";

const NONE: Sockets = { inputs: [], outputs: [] };

export class Catalogue {
  private readonly types: Map<string, NodeType>;
  private readonly accepts: Map<string, Set<string>>;

  constructor(types: NodeType[], accepts: Accepts = {}) {
    this.types = new Map(types.map((type) => [type.type, type]));
    this.accepts = new Map(Object.entries(accepts).map(([input, outputs]) => [input, new Set(outputs)]));
  }

  get(type: string): NodeType | null {
    return this.types.get(type) ?? null;
  }

  all(): NodeType[] {
    return [...this.types.values()];
  }

  sockets(type: string): Sockets {
    return this.types.get(type) ?? NONE;
  }

  fits(output: string, input: string): boolean {
    if (output === input || output === "Any" || input === "Any") return true;
    return this.accepts.get(input)?.has(output) ?? false;
  }
}
