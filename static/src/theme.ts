/** Colours, fonts and shapes. Neutral surfaces, one accent; hue only says type, group or state. */
import type { RunState } from "./types.ts";

export type ThemeName = "dark" | "light";
export type Shape = "circle" | "square" | "diamond" | "triangle" | "hexagon" | "ring" | "pill";

export interface Theme {
  name: ThemeName;
  canvas: string;
  dot: string;
  card: string;
  line: string;
  text: string;
  muted: string;
  faint: string;
  well: string;
  accent: string;
  shadow: string;
  /** How much of its colour a link shows while nothing points at it. */
  linkAlpha: number;
  warning: string;
  error: string;
  onSolid: string;
  states: Record<RunState, string>;
  font: string;
}

const DARK: Theme = {
  name: "dark",
  canvas: "#0f1013",
  dot: "#2b2e36",
  card: "#1a1c21",
  line: "#353841",
  text: "#eceef2",
  muted: "#a4aab6",
  faint: "#858b98",
  well: "#121317",
  accent: "#8b9bff",
  shadow: "rgba(0,0,0,.45)",
  linkAlpha: 0.72,
  warning: "#e8b04b",
  error: "#f4707a",
  onSolid: "#101114",
  states: { queued: "#9aa0ad", running: "#8b9bff", waiting: "#e8b04b", succeeded: "#4cc38a", failed: "#f4707a", skipped: "#858b98" },
  font: "system-ui, sans-serif",
};

const LIGHT: Theme = {
  name: "light",
  canvas: "#f5f6f8",
  dot: "#cdd2da",
  card: "#ffffff",
  line: "#dcdfe5",
  text: "#191b20",
  muted: "#565d6b",
  faint: "#666d7b",
  well: "#f1f2f5",
  accent: "#4a57d6",
  shadow: "rgba(20,24,40,.10)",
  linkAlpha: 0.85,
  warning: "#9a6200",
  error: "#c8323f",
  onSolid: "#ffffff",
  states: { queued: "#626977", running: "#4a57d6", waiting: "#9a6200", succeeded: "#137a4b", failed: "#c8323f", skipped: "#666d7b" },
  font: "system-ui, sans-serif",
};

/** The theme, with font and accent taken over from the page around it. */
export function theme(name: ThemeName, host?: HTMLElement): Theme {
  const base = name === "light" ? LIGHT : DARK;
  if (!host) return base;
  const style = getComputedStyle(host);
  const accent = style.getPropertyValue("--sakuga-accent").trim() || base.accent;
  return { ...base, accent, font: style.fontFamily || base.font, states: { ...base.states, running: accent } };
}

type Look = { shape: Shape; dark: string; light: string };

const TYPES = new Map<string, Look>([
  ["Text", { shape: "circle", dark: "#7fb6ff", light: "#1f6bd0" }],
  ["Prompt", { shape: "pill", dark: "#bda4ff", light: "#6f42d3" }],
  ["Style", { shape: "hexagon", dark: "#ff9ccb", light: "#b92b78" }],
  ["Image", { shape: "square", dark: "#5fd3a8", light: "#0c7f57" }],
  ["Images", { shape: "square", dark: "#5fd3a8", light: "#0c7f57" }],
  ["Payload", { shape: "hexagon", dark: "#ffb86b", light: "#a85a08" }],
  ["Report", { shape: "triangle", dark: "#ecd65f", light: "#7d6400" }],
  ["Number", { shape: "diamond", dark: "#7fdcee", light: "#0a7288" }],
  ["Integer", { shape: "diamond", dark: "#7fdcee", light: "#0a7288" }],
  ["Boolean", { shape: "triangle", dark: "#ff9a8f", light: "#bb3a2c" }],
  ["Metadata", { shape: "pill", dark: "#c3cad8", light: "#545c6c" }],
  ["Any", { shape: "ring", dark: "#b3b9c5", light: "#656c7a" }],
]);

function hue(text: string): number {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)!) % 360;
  return hash;
}

export interface SocketLook {
  shape: Shape;
  color: string;
  list: boolean;
}

const looks = new Map<string, SocketLook>();

/** Colour and shape of a socket type; lists look like their items, doubled. */
export function socketLook(type: string, name: ThemeName): SocketLook {
  const key = `${name} ${type}`;
  const known = looks.get(key);
  if (known) return known;
  const item = /^List\[(.*)\]$/.exec(type)?.[1];
  const look = TYPES.get(item ?? type);
  const other = name === "dark" ? `hsl(${hue(item ?? type)} 60% 72%)` : `hsl(${hue(item ?? type)} 65% 34%)`;
  const made: SocketLook = {
    shape: look?.shape ?? "circle",
    color: look ? look[name] : other,
    list: item !== undefined || type === "Images",
  };
  looks.set(key, made);
  return made;
}

const GROUPS: [RegExp, string][] = [
  [/trigger|input/i, "Payload"],
  [/prompt|text/i, "Prompt"],
  [/style/i, "Style"],
  [/generat|image/i, "Image"],
  [/quality|qc|review/i, "Report"],
  [/output|deliver|export/i, "Text"],
  [/gate|flow|limit|control|cost/i, "Boolean"],
];

const groupColors = new Map<string, string>();

/** The colour of a palette group: the stripe and icon of its nodes. */
export function groupColor(group: string, name: ThemeName): string {
  const key = `${name} ${group}`;
  const known = groupColors.get(key);
  if (known) return known;
  const match = GROUPS.find(([pattern]) => pattern.test(group));
  const { color } = socketLook(match ? match[1] : `group ${group}`, name);
  groupColors.set(key, color);
  return color;
}
