/** Why a link was refused, with one-click offers to put a node between the two. */
import type { Bridge } from "./bridges.ts";
import { element, glyph, type Popup } from "./popup.ts";
import { t } from "./words.ts";

export function refusalBox(popup: Popup, reason: string, found: Bridge[], icons: boolean, insert: (bridge: Bridge) => void): void {
  const { box } = popup;
  box.setAttribute("role", "alertdialog");
  box.setAttribute("aria-label", reason);
  box.append(element("p", "why", reason));
  const row = element("div", "offers");
  for (const bridge of found) {
    const button = element("button", "offer");
    button.type = "button";
    button.append(glyph(bridge.type.icon, icons), element("span", "", t("Put {node} between", { node: bridge.type.title })));
    button.addEventListener("click", () => {
      popup.close("done");
      insert(bridge);
    });
    row.append(button);
  }
  box.append(row);
}
