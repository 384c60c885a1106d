/** The picture that a node's settings name, as an address of a thumbnail: shown before anything has run. */
import type { Json, NodeType, Settings } from "./types.ts";

const ID = /^ast_[0-9a-f]{32}$/;

function fields(type: NodeType | null): [string, Json][] {
  const found = type?.settings_schema?.["properties"];
  return found && typeof found === "object" && !Array.isArray(found) ? Object.entries(found) : [];
}

function holdsPicture(schema: Json): boolean {
  return typeof schema === "object" && schema !== null && !Array.isArray(schema) && schema["format"] === "asset";
}

/** Null for nodes that name none; undefined ids and whatever else stands there are no picture. */
export function face(type: NodeType | null, settings: Settings | undefined): string | null {
  for (const [name, schema] of fields(type)) {
    if (!holdsPicture(schema)) continue;
    const id = settings && Object.hasOwn(settings, name) ? settings[name] : null;
    if (typeof id === "string" && ID.test(id)) return `/pictures/${id}`;
  }
  return null;
}
