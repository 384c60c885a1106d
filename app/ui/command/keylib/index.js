// Keys as this browser's person set them: kept here, read by the canvas too (static/src/bindings.ts).
import { ref } from "vue";

const STORE = "sakuga.keys";
export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform ?? navigator.platform ?? "");
// the browser or the system keeps these for itself
const TAKEN = new Set(["mod+w", "mod+t", "mod+n", "mod+q", "mod+shift+w", "mod+shift+t", "mod+shift+n", "mod+l", "mod+r", "f5", "f11", "f12", "tab", "shift+tab", "escape", " "]);
const MODIFIERS = new Set(["control", "shift", "alt", "meta", "altgraph", "capslock", "dead", "process", "unidentified"]);

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return Object.fromEntries(Object.entries(found).filter(([, chord]) => typeof chord === "string"));
  } catch {
    return {};
  }
}

export const own = ref(read());
window.addEventListener("storage", () => { own.value = read(); });

export function bind(id, chord) {
  const next = { ...own.value };
  if (chord === null || chord === id) delete next[id];
  else next[id] = chord;
  store(next);
}

export const reset = () => store({});

function store(next) {
  own.value = next;
  try { localStorage.setItem(STORE, JSON.stringify(next)); } catch { /* a browser that keeps nothing forgets at the next page */ }
  window.dispatchEvent(new Event("sakuga-keys"));
}

// "?" comes with shift on most keyboards and without on others: the sign itself is what was meant
export function chordOf(event) {
  const key = event.key.toLowerCase();
  const sign = key.length === 1 && key.toUpperCase() === key && !/[0-9\s]/.test(key);
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${mod}${event.altKey ? "alt+" : ""}${event.shiftKey && !sign ? "shift+" : ""}${key}`;
}

export const isModifier = (event) => MODIFIERS.has(event.key.toLowerCase());
export const isTaken = (chord) => TAKEN.has(chord);

// the chord of the table that was meant; null when that one was given other keys
export function meant(chord) {
  const moved = Object.entries(own.value).find(([, mine]) => mine === chord);
  if (moved) return moved[0];
  return Object.hasOwn(own.value, chord) ? null : chord;
}

// what is written on keys in the page's language; the palette, which every page has, tells it
let written = {};
const said = (name) => written[name] ?? name;

const NAMES = { arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓", enter: "↵", backspace: "⌫", contextmenu: "☰" };
export function shown(chord) {
  const plus = chord.endsWith("++") ? [...chord.slice(0, -2).split("+"), "+"] : chord === "+" ? ["+"] : chord.split("+");
  const words = isMac ? { mod: "⌘", shift: "⇧", alt: "⌥", delete: said("Del"), " ": said("Space") } : { mod: said("Ctrl"), shift: said("Shift"), alt: "Alt", delete: said("Del"), " ": said("Space") };
  const parts = plus.filter(Boolean).map((part) => words[part] ?? NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part[0].toUpperCase() + part.slice(1)));
  return parts.join(isMac ? "" : " ");
}

export const keysOf = (id) => shown(own.value[id] ?? id);
export const typing = (target) => target instanceof Element && !!target.closest("input, textarea, select, [contenteditable]:not([contenteditable=false])");

// Hover texts of what has data-keys say the keys that do the same; what has data-keys-shown shows them.
export function attachHints(names, signal) {
  written = names ?? {};
  const draw = () => {
    for (const made of document.querySelectorAll("[data-keys-shown]")) made.textContent = keysOf(made.dataset.keysShown);
  };
  const hint = ({ target }) => {
    const made = target instanceof Element && target.closest("[data-keys]");
    if (!made) return;
    const keys = keysOf(made.dataset.keys);
    made.title = `${made.getAttribute("aria-label") ?? ""} (${keys})`.trim();
    made.setAttribute("aria-description", keys);
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, hint, { capture: true, passive: true, signal });
  for (const name of ["sakuga-keys", "storage"]) window.addEventListener(name, draw, { signal });
  requestAnimationFrame(draw);
}
