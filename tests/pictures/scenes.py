"""Every state of every page: its name, where it is, and what to do there."""

from dataclasses import dataclass

from tests.pictures import acts
from tests.pictures.cast import Act, more, press, select


@dataclass(frozen=True)
class Scene:
    """One picture. `who` is a key of the places, "owner" or "nobody"; `main` ones come in all languages."""

    name: str
    path: str
    act: Act | None = None
    main: bool = False
    who: str = "owner"
    only: str = ""


# an installation in which nobody did anything yet, its examples put away
EMPTY = (
    Scene("empty-workflows", "/workflows"),
    Scene("empty-apps", "/apps"),
    Scene("empty-runs", "/runs"),
    Scene("empty-rows", "/rows"),
    Scene("empty-rows-new", "/rows/new"),
    Scene("empty-schedules", "/schedules"),
    Scene("empty-callbacks", "/callbacks"),
    Scene("empty-inbox", "/inbox"),
    Scene("empty-alerts", "/alerts"),
    Scene("empty-limits", "/limits"),
    Scene("empty-spend", "/spend"),
    Scene("empty-secrets", "/secrets"),
    Scene("empty-services", "/services"),
)

DOOR = (
    Scene("door", "/login", main=True, who="nobody"),
    Scene("door-wrong-key", "/login", acts.wrong_key, who="nobody"),
    Scene("door-spent-link", "/login?token=spent", who="nobody"),
    Scene("form", "{form}", main=True, who="nobody"),
    Scene("form-wrong", "{form}", acts.form_wrong, who="nobody"),
    Scene("form-done", "{form}", acts.form_sent, who="nobody"),
    Scene("problem", "/problems/node.qc_failed", who="nobody"),
    Scene("docs", "/docs", who="nobody", only="desk"),
)

PAGES = (
    Scene("workflows", "/workflows", main=True),
    Scene("workflows-menu", "/workflows", acts.menu_of_workflow),
    Scene("workflows-archived", "/workflows?archived=1", acts.down),
    Scene("workflows-new", "/workflows", press("New workflow"), main=True),
    Scene("workflows-viewer", "/workflows", who="viewer"),
    Scene("templates", "/templates", main=True),
    Scene("template", "/templates/best-of-three", main=True),
    Scene("apps", "/apps"),
    Scene("app", "/apps/product-image", main=True),
    Scene("app-done", "/apps/product-image", acts.own_app),
    Scene("runs", "/runs", main=True),
    Scene("runs-filter", "/runs", acts.filters),
    Scene("runs-none", "/runs?q=nothing-like-this"),
    Scene("runs-waiting", "/runs?status=waiting", main=True),
    Scene("runs-failed", "/runs?status=failed"),
    Scene("runs-cancel", "/runs?status=queued", press("Cancel open runs")),
    Scene("rows", "/rows"),
    Scene("rows-new", "/rows/new?workflow=product-image", main=True),
    Scene("rows-judged", "/rows/new?workflow=product-image", acts.pasted, main=True),
    Scene("rows-grid", "/rows/{batch}", main=True),
    Scene("rows-cell", "/rows/{batch}", acts.cell),
    Scene("rows-list", "/rows/{batch}", acts.listed),
    Scene("schedules", "/schedules", main=True),
    Scene("schedules-new", "/schedules", press("New schedule"), main=True),
    Scene("callbacks", "/callbacks", main=True),
    Scene("callbacks-failed", "/callbacks?status=permanently_failed"),
    Scene("inbox", "/inbox"),
    Scene("inbox-messages", "/inbox/shop"),
    Scene("alerts", "/alerts", main=True),
    Scene("limits", "/limits", main=True),
    Scene("limits-held", "/limits", acts.held, main=True),
    Scene("limits-below", "/limits", acts.down),
    Scene("spend", "/spend", main=True),
    Scene("spend-limit", "/spend", press("Change limit")),
    Scene("settings", "/settings", main=True),
    Scene("settings-key", "/settings", press("New key")),
    Scene("settings-viewer", "/settings", who="viewer"),
    Scene("appearance", "/settings", acts.appearance, only="desk"),
    Scene("services", "/services", main=True),
    Scene("services-new", "/services", press("Connect a service")),
    Scene("services-unknown", "/services", press("Decide")),
    Scene("secrets", "/secrets", main=True),
    Scene("secrets-new", "/secrets", press("New secret")),
    Scene("secrets-viewer", "/secrets", who="viewer"),
    Scene("nothing", "/nowhere/at/all"),
    Scene("nothing-workflow", "/workflows/no-such-thing"),
    Scene("commands", "/runs", acts.commands, main=True),
)

RUNS = (
    Scene("run", "/runs/{run}", main=True),
    Scene("run-below", "/runs/{run}", acts.down),
    Scene("run-picture", "/runs/{run}", acts.picture),
    Scene("run-edit", "/runs/{run}", press("Edit and rerun")),
    Scene("run-refused", "/runs/{refused}", main=True),
    Scene("run-failed", "/runs/{failed}", main=True),
    Scene("run-failed-steps", "/runs/{failed}", acts.steps),
    Scene("run-policy", "/runs/{policy}"),
    Scene("run-warning", "/runs/{warning}", main=True),
    Scene("run-limited", "/runs/{limited}", main=True),
    Scene("run-held", "/runs/{held}"),
    Scene("run-budget", "/runs/{budget}"),
    Scene("run-retry", "/runs/{retry}"),
    Scene("run-unknown", "/runs/{unknown}"),
    Scene("run-running", "/runs/{running}"),
    Scene("run-paused", "/runs/{paused}"),
    Scene("run-cancelled", "/runs/{cancelled}"),
    Scene("run-children", "/runs/{children}"),
    Scene("run-callback-gone", "/runs/{gone}", acts.down),
    Scene("run-callback-again", "/runs/{again}", acts.down),
    Scene("run-viewer", "/runs/{run}", who="viewer"),
    Scene("run-missing", "/runs/run_nowhere"),
    Scene("compare", "/compare?a={run}&b={other}", main=True),
    Scene("compare-below", "/compare?a={run}&b={other}", acts.down),
    Scene("compare-one", "/compare?b={other}"),
)

_HERE = "/workflows/product-image"
EDITOR = (
    Scene("editor", _HERE, main=True),
    Scene("editor-trigger", _HERE, select("input"), main=True),
    Scene("editor-prompt", _HERE, select("prompt"), main=True),
    Scene("editor-style", _HERE, select("style")),
    Scene("editor-generator", _HERE, select("generator"), main=True),
    Scene("editor-quality", _HERE, select("qc")),
    Scene("editor-run", _HERE, press("Run##verb"), main=True),
    Scene("editor-past", _HERE, acts.past),
    Scene("editor-ways", _HERE, acts.ways_to_run),
    Scene("editor-ran", _HERE, acts.running, main=True),
    Scene("editor-result", "/workflows/work-in-progress", acts.result, main=True),
    Scene("editor-stale", "/workflows/work-in-progress", acts.marked, main=True),
    Scene("editor-problems", "/workflows/half-finished", main=True),
    Scene("editor-blocked", "/workflows/half-finished", acts.publish),
    Scene("editor-changed", "/workflows/spring-hero", main=True),
    Scene("editor-breaking", "/workflows/spring-hero", acts.publish, main=True),
    Scene("editor-history", "/workflows/spring-hero", acts.history, main=True),
    Scene("editor-add", _HERE, acts.quick_add, only="desk"),
    Scene("editor-node-menu", _HERE, acts.node_menu, only="desk"),
    Scene("editor-board-menu", _HERE, acts.board_menu, only="desk"),
    Scene("editor-nodes", _HERE, press("Nodes"), only="phone"),
    Scene("editor-keys", _HERE, acts.key("?"), only="desk", main=True),
    Scene("editor-outline", _HERE, acts.outline),
    Scene("editor-far", _HERE, acts.zoomed_out),
    Scene("editor-more", _HERE, press("More"), main=True),
    Scene("editor-call", _HERE, more("How to call it"), main=True),
    Scene("editor-app", _HERE, more("App")),
    Scene("editor-form", _HERE, more("Form")),
    Scene("editor-rows", _HERE, more("Run a table of rows")),
    Scene("editor-export", _HERE, more("Export as file")),
    Scene("editor-template", _HERE, more("Offer as a template")),
    Scene("editor-recipe", _HERE, more("Recipe in pictures")),
    Scene("editor-limits", _HERE, more("Pause or limit its runs")),
    Scene("editor-viewer", _HERE, who="viewer"),
    Scene("editor-archived", "/workflows/last-season"),
    Scene("editor-paused", "/workflows/social-set"),
    Scene("editor-company", "/workflows/shared-draft", acts.company),
    Scene("editor-conflict", "/workflows/shared-draft", acts.met),
)

ALL = (*DOOR, *PAGES, *RUNS, *EDITOR)
# shown when the server is gone, so they come last
LOST = (Scene("lost", "/runs"), Scene("lost-editor", _HERE))
