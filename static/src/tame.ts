/** LiteGraph's canvas without its own menus, dialogs, search and clipboard: they put text of the file into innerHTML. */
import { CanvasPointer, LGraphCanvas, LiteGraph } from "@comfyorg/litegraph";

LiteGraph.release_link_on_empty_shows_menu = false;
LiteGraph.middle_click_slot_add_default_node = false;
LiteGraph.alt_drag_do_clone_nodes = false;
LiteGraph.allow_scripts = false;
LiteGraph.canvasNavigationMode = "standard";
LiteGraph.CANVAS_GRID_SIZE = 10;
LiteGraph.alwaysSnapToGrid = true;
CanvasPointer.doubleClickTime = 500; // what systems have as their default

export class TameCanvas extends LGraphCanvas {
  override showSearchBox(): HTMLDivElement {
    return document.createElement("div");
  }

  override showConnectionMenu(): undefined {
    return undefined;
  }

  override showLinkMenu(): boolean {
    return false;
  }

  override prompt(): HTMLDivElement {
    return document.createElement("div");
  }

  override showShowNodePanel(): void {}

  override checkPanels(): void {}

  override copyToClipboard(): void {}

  override pasteFromClipboard(): void {}

  override processKey(): void {}

  override processContextMenu(): void {}

  override drawSnapGuide(): void {}
}
