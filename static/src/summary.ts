/** One or two lines that say what a node is set to, instead of widgets. */
import type { Json, NodeType, Settings } from "./types.ts";

type Schema = { title?: string; label?: string; type?: string; format?: string; default?: Json; writeOnly?: boolean };

const LIMIT = 4;

function own<T>(object: Record<string, T> | undefined, key: string): T | undefined {
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}

function properties(type: NodeType): Record<string, Schema> {
  const found = own(type.settings_schema, "properties");
  return found && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, Schema>) : {};
}

/** Texts and numbers are listed; of objects only the count says something in one line. */
function words(value: Json[], name: string): string {
  const simple = value.filter((item) => typeof item === "string" || typeof item === "number");
  return simple.length === value.length ? simple.join(", ") : `${value.length} ${value.length === 1 ? name.replace(/s$/, "") : name}`;
}

function say(key: string, value: Json | undefined, schema: Schema): string {
  // a picture is shown, its id says nothing
  if (value === undefined || value === null || value === "" || schema.writeOnly || schema.format === "asset") return "";
  if (typeof value === "string") return value.slice(0, 400).replace(/\s+/g, " ").trim();
  if (typeof value === "number") return `${label(key, schema)} ${value}`;
  if (typeof value === "boolean") return value ? label(key, schema) : "";
  if (Array.isArray(value)) return value.length ? words(value, label(key, schema)) : "";
  return "";
}

function label(key: string, schema: Schema): string {
  return schema.label ?? (typeof schema.title === "string" ? schema.title : key.replaceAll("_", " ")).toLowerCase();
}

/** The text; placeholders keep every simple setting, whatever it is called. */
export function summarise(type: NodeType | null, settings: Settings | undefined): string {
  const fields = type ? properties(type) : {};
  const keys = type?.summary ?? (type ? Object.keys(fields) : Object.keys(settings ?? {}));
  const parts: string[] = [];
  for (const key of keys) {
    const schema = own(fields, key) ?? {};
    const part = say(key, own(settings, key) ?? schema.default, schema);
    if (part) parts.push(part.slice(0, 200));
    if (parts.length === LIMIT) break;
  }
  return parts.join(" · ");
}
