/** Texts in the page's language: English is the key; Python gives the catalogue as the prop `words`. */

export type Words = Record<string, string | [string, string]>;

let catalogue: Words = {};

/** Speak this catalogue from now on. */
export function speak(words: Words | null | undefined): void {
  catalogue = words ?? {};
}

/** A text with its `{name}` parts filled; give it as a literal, a test reads the code for them.
 * What follows `##` only tells one meaning from another and is never shown. */
export function t(text: string, values: Record<string, unknown> = {}): string {
  const entry = Object.hasOwn(catalogue, text) ? catalogue[text]! : text.split("##")[0]!;
  return filled(typeof entry === "string" ? entry : entry[1], values);
}

/** A text with a number: both forms in English, then the count; the catalogue's key is the second form. */
export function n(one: string, many: string, count: number, values: Record<string, unknown> = {}): string {
  const entry = Object.hasOwn(catalogue, many) ? catalogue[many]! : ([one, many] as const);
  return filled(typeof entry === "string" ? entry : entry[count === 1 ? 0 : 1], { count, ...values });
}

/** A number with the marks of the page's language. */
export function figure(value: number): string {
  return value.toLocaleString(globalThis.document?.documentElement.lang || "en", { maximumFractionDigits: 4 });
}

function filled(text: string, values: Record<string, unknown>): string {
  return Object.entries(values).reduce((whole, [name, value]) => whole.replaceAll(`{${name}}`, String(value)), text);
}
