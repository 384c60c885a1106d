/** New things on the canvas: nodes, notes, groups. Each is one step of undo; null when the canvas is locked. */
import { bounds } from "./camera.ts";
import { Card } from "./card.ts";
import { readDrop } from "./document.ts";
import type { Wish } from "./editor.ts";
import { Frame, Note } from "./note.ts";
import type { Pair, Settings } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

export class Adding {
  private readonly view: GraphView;

  constructor(view: GraphView) {
    this.view = view;
  }

  /** The id of the new node; null also when the catalogue does not know the type. Without a place: in the middle. */
  node(type: string, x?: number | null, y?: number | null, settings?: Settings | null, wish?: Wish): string | null {
    const { view } = this;
    if (view.locked) return null;
    view.flush();
    const card = view.editor.addNode(type, this.at(x, y), settings ?? {}, wish);
    if (!card) {
      view.refuse(t("There is no node type '{type}'", { type }));
      return null;
    }
    view.surface.selectItems([card]);
    view.flush();
    return card.key;
  }

  note(x?: number | null, y?: number | null, text = ""): string | null {
    if (this.view.locked) return null;
    const id = this.view.editor.addNote({ text, position: this.at(x, y), size: [220, 120] });
    this.view.flush();
    return id;
  }

  /** A group around the selected cards. */
  group(title = t("Group##noun")): string | null {
    const around = bounds([...this.view.chosen(Card), ...this.view.chosen(Note), ...this.view.chosen(Frame)]);
    if (this.view.locked || !around) return null;
    const [x, y, w, h] = around.map(Math.round) as [number, number, number, number];
    const id = this.view.editor.addGroup({ title, position: [x - 20, y - 44], size: [w + 40, h + 64] });
    this.view.flush();
    return id;
  }

  /** A node where something was dropped: a type name, or JSON {type, settings}. */
  dropped(data: string, event: { clientX: number; clientY: number }): void {
    const place = this.view.place(event);
    const { type, settings } = readDrop(data);
    const id = this.node(type, place.x - 20, place.y - 19, settings);
    this.view.element.focus({ preventScroll: true });
    if (id !== null) this.view.options.onDropNode?.({ id, type, ...place });
  }

  private at(x?: number | null, y?: number | null): Pair {
    if (x != null && y != null) return [x, y];
    const { surface, chrome } = this.view;
    const [left, top] = surface.ds.convertCanvasToOffset([chrome.width / 2, chrome.height / 2]) as Pair;
    return [left - 120, top - 60];
  }
}
