/** What keys and clipboard ask for. */
import { bounds } from "./camera.ts";
import { openMenuByKey } from "./asked.ts";
import { Card } from "./card.ts";
import { shownKeys } from "./bindings.ts";
import { type Board, pasteText, readClipboard, writeClipboard } from "./clipboard.ts";
import { chooseSocket } from "./joining.ts";
import type { Keyboard } from "./keys.ts";
import type { Way } from "./roving.ts";
import { whole } from "./selecting.ts";
import type { Checked, GraphDocument, Pair, Shortcut } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

export class Commands implements Keyboard, Board {
  private readonly view: GraphView;

  constructor(view: GraphView) {
    this.view = view;
  }

  get locked(): boolean {
    return this.view.locked;
  }

  undo(): void {
    this.view.reach.say(this.view.editor.undoable.undo ? t("Undone") : t("Nothing to undo"));
    this.view.undo();
  }

  redo(): void {
    this.view.reach.say(this.view.editor.undoable.redo ? t("Done again") : t("Nothing to do again"));
    this.view.redo();
  }

  fit(): void {
    this.view.fit();
  }

  zoomToSelection(): void {
    this.view.zoomToSelection();
  }

  zoom(factor: number): void {
    this.view.zoom(factor);
  }

  /** What has the keyboard goes when nothing is selected; the keyboard stays nearby. */
  deleteSelection(): void {
    const { reach, surface } = this.view;
    const item = reach.roving.at;
    if (item && !surface.selectedItems.size && surface.pickedLink === null) surface.selectItems([item]);
    const after = reach.roving.leave();
    this.view.deleteSelection();
    after();
  }

  go(way: Way, along: boolean): void {
    this.view.reach.roving.go(way, along);
  }

  goFirst(): void {
    this.view.reach.roving.first();
  }

  open(): void {
    this.view.reach.roving.open();
  }

  pick(): void {
    this.view.reach.roving.toggle();
  }

  link(): void {
    const item = this.view.reach.roving.at;
    if (item instanceof Card) chooseSocket(this.view, item);
  }

  outline(): void {
    this.view.reach.outline.toggle();
  }

  refuse(reason: string): void {
    this.view.refuse(reason);
  }

  selectAll(): void {
    this.view.surface.selectItems();
  }

  escape(): void {
    const { surface } = this.view;
    if (surface.linkConnector.isConnecting) {
      surface.linkConnector.reset();
      surface.pointer.reset();
    } else surface.deselectAll();
    if (surface.marking) this.view.reach.fingers.toggle(false);
    surface.pickedLink = surface.pickedBend = null;
    this.view.chrome.tip.hide();
    surface.redraw();
  }

  nudge(dx: number, dy: number): void {
    for (const item of this.view.surface.selectedItems) item.move(dx, dy, true);
    this.view.changed("nudge");
  }

  space(held: boolean): void {
    const { surface } = this.view;
    surface.space = held;
    surface.read_only = held || this.locked;
    surface.dragging_canvas = held && surface.pointer.isDown;
  }

  shortcut(name: Shortcut): void {
    if (name === "save") this.view.flush();
    this.view.options.onShortcut?.(name);
  }

  /** The selection as a piece of graph. */
  copy(): GraphDocument | null {
    const { ids, notes, groups } = whole(this.view);
    if (!ids.length && !notes.length && !groups.length) return null;
    return this.view.editor.piece(new Set(ids), new Set(notes), new Set(groups));
  }

  /** Where the pointer is, or a little beside where the piece came from. */
  paste(piece: GraphDocument, beside = false): void {
    if (this.locked) return;
    const { view } = this;
    const [left, top] = bounds([...piece.nodes, ...piece.notes, ...piece.groups].map((item) => ({ pos: item.position, size: [0, 0] }))) ?? [0, 0];
    const [x, y] = view.surface.ds.convertCanvasToOffset(view.pointer) as Pair;
    const by: Pair = beside ? [40, 40] : [Math.round((x - left) / 10) * 10, Math.round((y - top) / 10) * 10];
    view.flush();
    const fresh = view.editor.paste(piece, by);
    const { cards, notes, frames } = view.model;
    const made = [...fresh.nodes.map(({ id }) => cards.get(id)), ...fresh.notes.map(({ id }) => notes.get(id)), ...fresh.groups.map(({ id }) => frames.get(id))];
    view.surface.selectItems(made.filter((item) => item !== undefined && !item.shelter) as never[]);
    view.flush();
  }

  act(name: string): void {
    this.view.acts.run(name);
  }

  /** The menu of what is selected, beside it: for those without a mouse. */
  menu(): void {
    openMenuByKey(this.view);
  }

  async toClipboard(): Promise<void> {
    const piece = this.copy();
    if (piece) await writeClipboard(JSON.stringify(piece, null, 2));
  }

  async cut(): Promise<void> {
    await this.toClipboard();
    this.deleteSelection();
  }

  async fromClipboard(): Promise<void> {
    const text = await readClipboard();
    if (text === null) this.refuse(t("The browser does not let this page read the clipboard: press {keys}", { keys: shownKeys("mod+v") }));
    else this.pasteText(text);
  }

  check(text: string): Promise<Checked> | null {
    return this.view.options.onCheckPaste?.(text) ?? null;
  }

  pasteText(text: string): void {
    void pasteText(this, text);
  }

  duplicate(): void {
    const piece = this.copy();
    if (piece) this.paste(piece, true);
  }
}
