/** Keys as this browser's person set them (the sheet of shortcuts keeps them): pressed keys → those of the tables. */
import { t } from "./words.ts";

const STORE = "sakuga.keys";

let own: Record<string, string> | null = null;

function read(): Record<string, string> {
  try {
    const found = JSON.parse(window.localStorage.getItem(STORE) ?? "{}") as Record<string, unknown>;
    return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return {};
  }
}

/** Read them again when they change, here or in another tab. */
export function attachBindings(signal: AbortSignal): void {
  own = null;
  for (const name of ["sakuga-keys", "storage"]) window.addEventListener(name, () => (own = null), { signal });
}

/** What the tables call these keys; "" for keys that were given away and mean nothing now. */
export function meant(chord: string, bindings: Record<string, string> = (own ??= read())): string {
  for (const [name, mine] of Object.entries(bindings)) if (mine === chord) return name;
  return Object.hasOwn(bindings, chord) ? "" : chord;
}

const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

function named(key: string): string {
  const known = new Map([["arrowleft", "←"], ["arrowright", "→"], ["arrowup", "↑"], ["arrowdown", "↓"], ["enter", "↵"], ["backspace", "⌫"], ["contextmenu", "☰"]]).get(key);
  if (known) return known;
  if (key === "delete") return t("Del");
  if (key === " ") return t("Space");
  return key[0]!.toUpperCase() + key.slice(1);
}

/** A chord as people read it: `mod+shift+d` → Ctrl Shift D, on a Mac ⌘⇧D. */
export function shownKeys(chord: string): string {
  const plus = chord.endsWith("++") || chord === "+";
  const parts = [...(plus ? chord.slice(0, -1) : chord).split("+").filter(Boolean), ...(plus ? ["+"] : [])];
  const held = MAC ? new Map([["mod", "⌘"], ["shift", "⇧"], ["alt", "⌥"]]) : new Map([["mod", t("Ctrl")], ["shift", t("Shift")], ["alt", "Alt"]]);
  return parts.map((part) => held.get(part) ?? named(part)).join(MAC ? "" : " ");
}

/** The keys that do today what the tables call so; "" when they were given away. */
export function keysFor(chord: string): string {
  const bindings = (own ??= read());
  const mine = Object.hasOwn(bindings, chord) ? bindings[chord]! : chord;
  return meant(mine, bindings) === chord ? shownKeys(mine) : "";
}
