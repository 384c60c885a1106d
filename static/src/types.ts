/** Shapes shared with Python: the graph file (contract §8), the catalogue, run state, patches. */
import type { Snapshot } from "./history.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Settings = Record<string, Json>;
export type Pair = [number, number];
/** One end of a link: node id, socket name. */
export type End = [string, string];

export interface NodeSpec {
  id: string;
  type: string;
  title?: string | null;
  settings?: Settings;
  position: Pair;
  size?: Pair | null;
  /** Drawn as its title only. */
  collapsed?: boolean;
  /** Stays where it is. */
  pinned?: boolean;
  [extra: string]: unknown;
}

export interface LinkSpec {
  from: End;
  to: End;
  /** Points that the line passes. */
  via?: Pair[];
}

export interface GroupSpec {
  id: string;
  title: string;
  description?: string;
  position: Pair;
  size: Pair;
  color?: string;
  pinned?: boolean;
  /** Only its title is shown, and none of what it `holds`: ids of nodes, notes and groups. */
  collapsed?: boolean;
  holds?: string[];
  [extra: string]: unknown;
}

export interface NoteSpec {
  id: string;
  text: string;
  position: Pair;
  size: Pair;
  color?: string;
  pinned?: boolean;
  [extra: string]: unknown;
}

export interface GraphDocument {
  format: string;
  nodes: NodeSpec[];
  links: LinkSpec[];
  groups: GroupSpec[];
  notes: NoteSpec[];
  [extra: string]: unknown;
}

export interface SocketSpec {
  name: string;
  type: string;
  required?: boolean;
  description?: string;
  /** Name and type in the page's language; only shown. */
  label?: string;
  type_label?: string;
  /** Not declared by the node type, kept because a link of the file uses it. */
  missing?: boolean;
}

export interface Sockets {
  inputs: SocketSpec[];
  outputs: SocketSpec[];
}

export interface NodeType extends Sockets {
  type: string;
  title: string;
  group: string;
  description: string;
  icon?: string;
  settings_schema?: Settings;
  dynamic?: boolean;
  /** Names of the settings shown on the card, in order; default: the first simple ones. */
  summary?: string[];
}

/** Input type → output types it takes besides its own. */
export type Accepts = Record<string, string[]>;

export type RunState = "queued" | "running" | "waiting" | "succeeded" | "failed" | "skipped";

export interface RunStatus {
  state: RunState;
  /** 0 to 1. */
  progress?: number | null;
  ms?: number | null;
  thumb_url?: string | null;
  note?: string | null;
  credits?: number | null;
}

/** What a node says without being run: why its last result does not hold, and that it has a pinned one. */
export interface Mark {
  stale?: string | null;
  pinned?: "pinned" | "edited" | null;
}

export interface Problem {
  node: string | null;
  field?: string | null;
  code: string;
  message: string;
  severity: "error" | "warning";
}

export interface Payload {
  document: unknown;
  sockets?: Record<string, Sockets>;
  problems?: Problem[];
  revision?: number;
}

export interface Patch {
  rev: number;
  nodes: NodeSpec[];
  links: LinkSpec[];
  removed_nodes: string[];
  removed_links: LinkSpec[];
  groups?: GroupSpec[];
  notes?: NoteSpec[];
}

export interface Selection {
  ids: string[];
  notes: string[];
  groups: string[];
}

export interface Place {
  x: number;
  y: number;
  screenX: number;
  screenY: number;
}

export interface MenuRequest extends Place {
  kind: "node" | "note" | "group" | "canvas" | "link" | "selection";
  id: string | null;
}

export type Shortcut = "run_from" | "run_to" | "run_stale" | "save" | "palette" | "help" | "run" | "find";

/** What Python says to a pasted text: the piece, or why not. */
export type Checked = { piece: unknown } | { reason: string };

export interface Callbacks {
  /** Has a text from elsewhere checked; without it only its form is. */
  onCheckPaste?(text: string): Promise<Checked>;

  onChange?(patch: Patch, before: Snapshot): void;
  onSelect?(selection: Selection): void;
  onRefused?(reason: string): void;
  onDropNode?(drop: { id: string; type: string } & Place): void;
  onOpen?(id: string): void;
  onMenu?(request: MenuRequest): void;
  /** Something that Python does: `name` is one of `asks`. */
  onAsk?(request: { name: string; ids: string[] }): void;
  onShortcut?(name: Shortcut): void;
  onHistory?(state: { undo: boolean; redo: boolean }): void;
  onZoom?(scale: number): void;
}

export interface Options extends Callbacks {
  types: NodeType[];
  accepts?: Accepts;
  theme?: "dark" | "light";
  readOnly?: boolean;
  /** What Python can be asked for from menus, see `acts-edit.ts`. */
  asks?: string[];
}
