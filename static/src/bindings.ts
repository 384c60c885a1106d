/** Keys as this browser's person set them (the sheet of shortcuts keeps them): pressed keys → those of the tables. */
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
