"""The sheet of shortcuts (?): what there is, in the keys of this browser, and a way to change them."""

from nicegui.element import Element

from app.ui.lang.say import said, t
from app.ui.parts.base import attrs
from app.ui.parts.show import dialog

# chords as the browser's tables name them; mod is Ctrl, on a Mac Cmd
Entries = tuple[tuple[str, str], ...]
GROUPS: tuple[tuple[str, Entries], ...] = (
    (
        said("Everywhere"),
        (("mod+k", said("Commands and search")), ("?", said("This list of shortcuts"))),
    ),
    (
        said("Run and save"),
        (
            ("mod+enter", said("Run##verb")),
            ("mod+shift+enter", said("Run only what changed")),
            ("r", said("Run from the selected node")),
            ("shift+r", said("Run to the selected node")),
            ("mod+s", said("Save now")),
        ),
    ),
    (
        said("Edit"),
        (
            ("a", said("Add a node")),
            ("n", said("Add a note")),
            ("mod+z", said("Undo")),
            ("mod+y", said("Redo")),
            ("mod+d", said("Duplicate")),
            ("delete", said("Delete the selection")),
            ("mod+g", said("Group the selection")),
            ("c", said("Link the node")),
            ("shift+l", said("Arrange everything, or the selection")),
            ("shift+c", said("Collapse or open")),
            ("p", said("Fix in place or release")),
        ),
    ),
    (
        said("Move and look"),
        (
            ("arrowright", said("Go to the next node")),
            ("arrowleft", said("Go to the node before")),
            ("enter", said("Open the settings")),
            ("l", said("Nodes as a list")),
            ("mod+a", said("Select everything")),
            ("f", said("Fit to view")),
            ("shift+f", said("Zoom to the selection")),
            ("m", said("Overview")),
            ("/", said("Search node types")),
        ),
    ),
)
# what is written on keys, which differs by language
KEY_NAMES = (said("Ctrl"), said("Shift"), said("Del"), said("Space"))
# keys that every list and field uses the same way
FIXED = frozenset({"arrowright", "arrowleft", "enter"})


class Sheet(Element, component="sk_shortcuts.js", esm={"sakuga-keys": "keylib"}):
    """The list itself."""

    def __init__(self) -> None:
        super().__init__()
        groups = [
            {
                "label": t(label),
                "entries": [
                    {"id": chord, "label": t(meaning), "fixed": chord in FIXED} for chord, meaning in entries
                ],
            }
            for label, entries in GROUPS
        ]
        words = {
            "change": t("Click, then press other keys"),
            "press": t("Press keys …"),
            "reset": t("Back to the usual keys"),
            "reset_all": t("All back to the usual keys"),
            "used": t("{keys} is taken by “{name}”. Press others.", keys="{keys}", name="{name}"),
            "taken": t("The browser keeps {keys} for itself. Press others.", keys="{keys}"),
        }
        attrs(self, groups=groups, words=words)


def shortcut_sheet() -> None:
    """Open the sheet."""
    with dialog(t("Keyboard shortcuts")) as (window, foot):
        Sheet()
        foot.classes("sk-hidden")
    window.open()
