/** Acts on how things lie on the board: align, distribute, collapse, pin, colour, groups, bends, snapping, the map. */
import type { Act } from "./acts.ts";
import { autoLayout } from "./auto-layout.ts";
import { aligned, distributed, type Rect, type Side } from "./arrange.ts";
import { bendsOf, setBends } from "./bends.ts";
import { addBend } from "./bending.ts";
import { Card } from "./card.ts";
import { Frame, Note } from "./note.ts";
import { TINTS } from "./paint-board.ts";
import type { Pair } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

type Thing = Card | Note | Frame;

function things(view: GraphView): Thing[] {
  return [...view.chosen(Card), ...view.chosen(Note), ...view.chosen(Frame)];
}

/** What alignment moves: neither pinned things nor groups, which would take their contents along twice. */
function loose(view: GraphView): (Card | Note)[] {
  return [...view.chosen(Card), ...view.chosen(Note)].filter((item) => !item.pinned);
}

function place(view: GraphView, places: (all: Rect[]) => Pair[]): void {
  const items = loose(view);
  const moved = places(items.map(({ pos, size }) => ({ x: pos[0]!, y: pos[1]!, w: size[0]!, h: size[1]! })));
  for (const [i, item] of items.entries()) item.pos = moved[i]!;
  view.surface.redraw();
}

const ALIGN: [name: string, side: Side, icon: string, label: () => string][] = [
  ["align-left", "left", "align_horizontal_left", () => t("Align left")],
  ["align-centre", "centre", "align_horizontal_center", () => t("Align centres")],
  ["align-right", "right", "align_horizontal_right", () => t("Align right")],
  ["align-top", "top", "align_vertical_top", () => t("Align top")],
  ["align-middle", "middle", "align_vertical_center", () => t("Align middles")],
  ["align-bottom", "bottom", "align_vertical_bottom", () => t("Align bottom")],
];

const SPREAD: [name: string, axis: "x" | "y", icon: string, label: () => string][] = [
  ["distribute-across", "x", "horizontal_distribute", () => t("Distribute across")],
  ["distribute-down", "y", "vertical_distribute", () => t("Distribute down")],
];

const COLOURS: [name: string, label: () => string][] = [
  ["grey", () => t("Grey")],
  ["blue", () => t("Blue")],
  ["green", () => t("Green")],
  ["yellow", () => t("Yellow")],
  ["orange", () => t("Orange")],
  ["red", () => t("Red")],
  ["pink", () => t("Pink")],
  ["purple", () => t("Purple")],
];

/** Turns a flag of all chosen things on, or off when all of them have it. */
function flip(view: GraphView, items: Thing[], flag: "collapsed" | "pinned"): void {
  const on = !items.every((item) => item.spec[flag]);
  for (const item of items) {
    const { [flag]: _, ...rest } = item.current();
    if (flag === "collapsed" && item instanceof Frame) view.model.collapse(item, on);
    else item.adopt((on ? { ...rest, [flag]: true } : rest) as never);
  }
  view.surface.redraw();
}

const foldable = (view: GraphView): (Card | Frame)[] => [...view.chosen(Card), ...view.chosen(Frame)];

export const BOARD: Act[] = [
  ...ALIGN.map(([name, side, icon, label]): Act => ({ name, icon, label, can: (view) => loose(view).length > 1, run: (view) => place(view, (all) => aligned(all, side)) })),
  ...SPREAD.map(([name, axis, icon, label]): Act => ({ name, icon, label, can: (view) => loose(view).length > 2, run: (view) => place(view, (all) => distributed(all, axis)) })),
  ...COLOURS.map(([color, label]): Act => ({
    name: `colour-${color}`,
    label,
    color: TINTS.get(color)!,
    checked: (view) => [...view.chosen(Frame), ...view.chosen(Note)].every((item) => item.spec.color === color),
    can: (view) => view.chosen(Frame).length + view.chosen(Note).length > 0,
    run: (view) => {
      for (const item of [...view.chosen(Frame), ...view.chosen(Note)]) item.adopt({ ...item.current(), color } as never);
      view.surface.redraw();
    },
  })),
  { name: "collapse", keys: "shift+c", icon: "unfold_less", label: () => t("Collapsed"), checked: (view) => foldable(view).every((item) => item.spec.collapsed === true), can: (view) => foldable(view).length > 0, run: (view) => flip(view, foldable(view), "collapsed") },
  { name: "pin", keys: "p", icon: "lock", label: () => t("Fixed in place"), checked: (view) => things(view).every((item) => item.spec.pinned === true), can: (view) => things(view).length > 0, run: (view) => flip(view, things(view), "pinned") },
  { name: "edit-group", icon: "edit", label: () => t("Title and description"), can: (view) => view.chosen(Frame).length === 1, run: (view) => view.pops.group(view.chosen(Frame)[0]!) },
  {
    name: "bend-add",
    icon: "add_location_alt",
    label: () => t("Add a point"),
    can: (view) => view.surface.pickedLink !== null,
    run: (view) => {
      const wire = view.surface.scene.wires.find(({ link }) => link.id === view.surface.pickedLink);
      const [x, y] = view.surface.ds.convertCanvasToOffset(view.pops.pointer()) as Pair;
      if (wire) addBend(wire, x, y);
    },
  },
  { name: "bend-remove", icon: "wrong_location", label: () => t("Remove this point"), can: (view) => view.surface.pickedBend !== null, run: (view) => view.deleteSelection() },
  {
    name: "bend-clear",
    icon: "timeline",
    label: () => t("Remove its points"),
    can: (view) => bendsOf(view.model.graph._links.get(view.surface.pickedLink ?? -1) ?? ({} as never)).length > 0,
    run: (view) => setBends(view.model.graph._links.get(view.surface.pickedLink!)!, []),
  },
  {
    name: "layout",
    keys: "shift+l",
    icon: "account_tree",
    label: (view) => (things(view).length > 1 ? t("Arrange the selection") : t("Arrange everything")),
    can: (view) => view.model.cards.size > 1,
    run: (view) => {
      autoLayout(view.model, things(view), view.chrome.room);
      view.flush();
      if (things(view).length < 2) view.fit();
    },
  },
  { name: "snap", icon: "grid_4x4", label: () => t("Snap to the grid"), checked: (view) => view.surface.snap, run: (view) => view.surface.setSnap(!view.surface.snap) },
  { name: "minimap", keys: "m", icon: "map", label: () => t("Overview"), looks: true, checked: (view) => view.minimap.shown, run: (view) => view.showMinimap(!view.minimap.shown) },
];
