/** Everything that can be done on a canvas, once: menu, keys, toolbar and page all go through here. */
import { BOARD } from "./acts-board.ts";
import { EDITING } from "./acts-edit.ts";
import { LOOKING } from "./acts-look.ts";
import { keysFor } from "./bindings.ts";
import type { Item } from "./menu.ts";
import type { GraphView } from "./view.ts";

export interface Act {
  name: string;
  label(view: GraphView): string;
  /** As the table of keys names them; people read what they are bound to. */
  keys?: string;
  icon?: string;
  danger?: boolean;
  color?: string;
  /** True for what changes nothing, so that a read-only canvas allows it. */
  looks?: boolean;
  /** Whether it would do something now; without it always. */
  can?(view: GraphView): boolean;
  checked?(view: GraphView): boolean;
  run(view: GraphView): void;
}

export class Acts {
  private readonly view: GraphView;
  private readonly known: Map<string, Act>;

  constructor(view: GraphView) {
    this.view = view;
    this.known = new Map([...EDITING, ...BOARD, ...LOOKING].map((act) => [act.name, act]));
  }

  /** Does it, as one step of undo; false when there is nothing to do or the canvas is read-only. */
  run(name: string): boolean {
    const act = this.known.get(name);
    if (!act || !this.allowed(act)) return false;
    if (!act.looks) this.view.flush();
    act.run(this.view);
    if (!act.looks) this.view.flush();
    return true;
  }

  /** Its line in a menu; null where it has no place. */
  item(name: string): Item | null {
    const act = this.known.get(name);
    if (!act || !this.allowed(act)) return null;
    const { view } = this;
    const item: Item = { name, label: act.label(view), run: () => this.run(name) };
    const keys = act.keys ? keysFor(act.keys) : "";
    if (keys) item.keys = keys;
    if (act.icon) item.icon = act.icon;
    if (act.danger) item.danger = true;
    if (act.color) item.color = act.color;
    if (act.checked) item.checked = act.checked(view);
    return item;
  }

  private allowed(act: Act): boolean {
    return (act.looks || !this.view.locked) && (act.can?.(this.view) ?? true);
  }
}
