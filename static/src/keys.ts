/** Keys, only while the canvas has the focus; `?` wherever nobody types. */
import type { Way } from "./roving.ts";
import { attachBindings, meant } from "./bindings.ts";
import type { Shortcut } from "./types.ts";

export interface Keyboard {
  readonly locked: boolean;
  undo(): void;
  redo(): void;
  selectAll(): void;
  duplicate(): void;
  deleteSelection(): void;
  escape(): void;
  fit(): void;
  zoomToSelection(): void;
  zoom(factor: number): void;
  nudge(dx: number, dy: number): void;
  space(held: boolean): void;
  shortcut(name: Shortcut): void;
  act(name: string): void;
  menu(): void;
  /** To the next node: `along` its links where there are any, and selecting it. */
  go(way: Way, along: boolean): void;
  goFirst(): void;
  open(): void;
  /** In and out of the selection. */
  pick(): void;
  /** Begins a link from the node that has the keyboard. */
  link(): void;
  outline(): void;
}

type Action = (board: Keyboard) => void;

/** `edit` actions do nothing on a read-only canvas. `mod` is Ctrl, or Cmd on a Mac. */
const EDIT = new Map<string, Action>([
  ["mod+z", (board) => board.undo()],
  ["mod+shift+z", (board) => board.redo()],
  ["mod+y", (board) => board.redo()],
  ["mod+d", (board) => board.duplicate()],
  ["delete", (board) => board.deleteSelection()],
  ["backspace", (board) => board.deleteSelection()],
  ["shift+arrowleft", (board) => board.nudge(-10, 0)],
  ["shift+arrowright", (board) => board.nudge(10, 0)],
  ["shift+arrowup", (board) => board.nudge(0, -10)],
  ["shift+arrowdown", (board) => board.nudge(0, 10)],
  ["alt+arrowleft", (board) => board.nudge(-50, 0)],
  ["alt+arrowright", (board) => board.nudge(50, 0)],
  ["alt+arrowup", (board) => board.nudge(0, -50)],
  ["alt+arrowdown", (board) => board.nudge(0, 50)],
  ["c", (board) => board.link()],
  ["r", (board) => board.shortcut("run_from")],
  ["shift+r", (board) => board.shortcut("run_to")],
  ["mod+shift+enter", (board) => board.shortcut("run_stale")],
  ["mod+s", (board) => board.shortcut("save")],
  ["a", (board) => board.act("add-node")],
  ["n", (board) => board.act("add-note")],
  ["shift+c", (board) => board.act("collapse")],
  ["p", (board) => board.act("pin")],
  ["shift+l", (board) => board.act("layout")],
  ["mod+g", (board) => board.act("group")],
]);

const VIEW = new Map<string, Action>([
  ["arrowleft", (board) => board.go("left", true)],
  ["arrowright", (board) => board.go("right", true)],
  ["arrowup", (board) => board.go("up", true)],
  ["arrowdown", (board) => board.go("down", true)],
  ["mod+arrowleft", (board) => board.go("left", false)],
  ["mod+arrowright", (board) => board.go("right", false)],
  ["mod+arrowup", (board) => board.go("up", false)],
  ["mod+arrowdown", (board) => board.go("down", false)],
  ["home", (board) => board.goFirst()],
  ["enter", (board) => board.open()],
  ["mod+ ", (board) => board.pick()],
  ["l", (board) => board.outline()],
  ["contextmenu", (board) => board.menu()],
  ["shift+f10", (board) => board.menu()],
  ["mod+a", (board) => board.selectAll()],
  ["escape", (board) => board.escape()],
  ["m", (board) => board.act("minimap")],
  ["f", (board) => board.fit()],
  ["shift+f", (board) => board.zoomToSelection()],
  ["+", (board) => board.zoom(1.25)],
  ["shift++", (board) => board.zoom(1.25)],
  ["=", (board) => board.zoom(1.25)],
  ["-", (board) => board.zoom(0.8)],
  ["mod+k", (board) => board.shortcut("palette")],
  ["mod+enter", (board) => board.shortcut("run")],
  ["shift+?", (board) => board.shortcut("help")],
  ["?", (board) => board.shortcut("help")],
  ["/", (board) => board.shortcut("find")],
]);

/** A sign that needs Shift on one keyboard and not on another is the sign itself. */
function chord(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const sign = key.length === 1 && key.toUpperCase() === key && !/[0-9\s]/.test(key);
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${mod}${event.altKey ? "alt+" : ""}${event.shiftKey && !sign ? "shift+" : ""}${key}`;
}

export function attachKeys(board: Keyboard, canvas: HTMLCanvasElement, signal: AbortSignal): void {
  attachBindings(signal);
  canvas.addEventListener("keydown", (event) => {
    const keys = meant(chord(event));
    if (keys === " ") board.space(true);
    else {
      const action = VIEW.get(keys) ?? (board.locked ? undefined : EDIT.get(keys));
      if (!action) return;
      action(board);
    }
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  window.addEventListener("keydown", (event) => {
    const busy = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], [role=dialog]");
    if (event.key === "?" && !busy && !event.defaultPrevented && !event.repeat) board.shortcut("help");
  }, { signal });
  window.addEventListener("keyup", (event) => event.key === " " && board.space(false), { signal });
  window.addEventListener("blur", () => board.space(false), { signal });
}
