/** Buttons for fingers: one lets them select instead of moving the view, one opens what can be done with the selection. */
import { openMenuByKey } from "./asked.ts";
import { element } from "./popup.ts";
import type { GraphView } from "./view.ts";
import { n, t } from "./words.ts";

export class TouchSelect {
  private readonly view: GraphView;
  private readonly bar = element("div", "sakuga-fingers");
  private readonly mode = element("button");
  private readonly acts = element("button");

  constructor(view: GraphView, signal: AbortSignal) {
    this.view = view;
    this.bar.hidden = true;
    for (const button of [this.mode, this.acts]) button.type = "button";
    this.acts.setAttribute("aria-haspopup", "menu");
    this.acts.title = t("What to do");
    this.mode.addEventListener("click", () => this.toggle());
    this.acts.addEventListener("click", () => openMenuByKey(view));
    for (const name of ["pointerdown", "pointermove", "pointerup"] as const) this.bar.addEventListener(name, (event) => event.stopPropagation());
    this.bar.append(this.mode, this.acts);
    view.chrome.frame.append(this.bar);
    if (window.matchMedia("(any-pointer: coarse)").matches) this.bar.hidden = false;
    window.addEventListener("pointerdown", (event) => event.pointerType === "touch" && this.appear(), { capture: true, passive: true, signal });
    this.refresh();
  }

  toggle(on = !this.view.surface.marking): void {
    this.view.surface.mark(on && !this.view.locked);
    this.view.reach.say(this.view.surface.marking ? t("Fingers select now") : t("Fingers move the view now"));
    this.refresh();
  }

  /** The words follow the selection. */
  refresh(): void {
    const { surface, locked } = this.view;
    const count = surface.selectedItems.size;
    this.mode.hidden = locked;
    this.mode.setAttribute("aria-pressed", String(surface.marking));
    this.mode.textContent = surface.marking ? t("Done##mode") : t("Select");
    this.acts.textContent = `${n("{count} selected", "{count} selected", count)} ▴`;
    this.acts.hidden = !surface.marking || count === 0;
  }

  private appear(): void {
    this.bar.hidden = false;
  }
}
