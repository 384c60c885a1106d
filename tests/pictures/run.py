"""``./run pictures``: every state of every page as a picture, for people to look at.

Starts servers of its own, makes the states by the product's API and writes FOLDER/<look>/<state>.png
(default: shots, which git ignores) with contact sheets beside them. Looks are desk-light, desk-dark,
phone-light, phone-dark, and the main states in German and Japanese (desk-light-de, phone-dark-ja, …).
`--docs` writes the pictures of the documentation instead.
"""

import argparse
import os
import shutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.ui.lang.catalogue import catalogue
from tests.pictures.cast import Cast
from tests.pictures.docs import docs_pictures
from tests.pictures.house import House, house
from tests.pictures.plant import Plant
from tests.pictures.scenes import ALL, EMPTY, LOST, Scene
from tests.pictures.sheets import contact_sheets
from tests.support.site import KEY

_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"]
_SIZES = {"desk": (1440, 900), "phone": (390, 844)}
_LOCALES = {"en": "en-US", "de": "de-DE", "ja": "ja-JP"}
_LOOKS = [f"{size}-{theme}" for size in _SIZES for theme in ("light", "dark")]
LOOKS = [*_LOOKS, *(f"{look}-{tongue}" for tongue in ("de", "ja") for look in ("desk-light", "phone-dark"))]
_SETTLE_MS, _AFTER_MS = 700, 500


@dataclass
class Studio:
    """A browser at a house, and where its pictures go."""

    browser: Browser
    house: House
    places: dict[str, str]
    folder: Path
    failed: list[str]

    def shoot(self, looks: Iterable[str], scenes: Iterable[Scene]) -> None:
        wanted = list(scenes)
        for look in looks:
            for who in dict.fromkeys(scene.who for scene in wanted):
                mine = [scene for scene in wanted if scene.who == who and _fits(scene, look)]
                if mine:
                    with self.visit(look, who) as context:
                        for scene in mine:
                            self._scene(context, look, scene)

    @contextmanager
    def visit(self, look: str, who: str) -> Iterator[BrowserContext]:
        """Somebody's browser in one look, signed in."""
        context = self.browser.new_context(**options(look))
        context.set_default_timeout(15_000)
        key = KEY if who == "owner" else self.places.get(who, "")
        if who != "nobody":
            page = context.new_page()
            page.goto(f"{self.house.url}/login?key={key}")
            page.close()
        yield context
        context.close()

    def _scene(self, context: BrowserContext, look: str, scene: Scene) -> None:
        page = context.new_page()
        try:
            self.open(page, look, scene)
        except Exception:  # noqa: BLE001 - the other pictures are taken all the same
            self.failed.append(f"{look}/{scene.name}")
            sys.stderr.write(f"{look}/{scene.name}: {traceback.format_exc(limit=-2)}\n")
        self.keep(page, look, scene.name)
        for each in context.pages:
            each.close()

    def open(self, page: Page, look: str, scene: Scene) -> None:
        """Go there and do what the scene asks for."""
        tongue = _tongue(look)
        words = dict(catalogue(tongue)) if tongue != "en" else {}
        cast = Cast(page, self.house.url, self.places, words, phone=look.startswith("phone"))
        cast.go(scene.path)
        page.wait_for_timeout(_SETTLE_MS)
        if scene.act is not None:
            scene.act(cast)
            page.wait_for_timeout(_AFTER_MS)

    def keep(self, page: Page, look: str, name: str) -> None:
        path = self.folder / look / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)


def options(look: str) -> dict[str, Any]:
    """What a browser needs to know for a look."""
    size, theme, *_ = look.split("-")
    width, height = _SIZES[size]
    return {
        "viewport": {"width": width, "height": height},
        "color_scheme": theme,
        "has_touch": size == "phone",
        "locale": _LOCALES[_tongue(look)],
        "reduced_motion": "reduce",
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("shots"))
    parser.add_argument("--only", action="append", default=[], help="states whose name contains this")
    parser.add_argument("--look", action="append", default=[], choices=LOOKS, help="this look; default: all")
    parser.add_argument("--docs", action="store_true", help="write the pictures of the documentation")
    chosen = parser.parse_args()
    looks = chosen.look or LOOKS
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=_ARGS)
        if chosen.docs:
            docs_pictures(browser)
            return 0
        failed = _all(browser, looks, chosen.only, chosen.folder)
    for look in looks:
        contact_sheets(chosen.folder / look)
    sys.stderr.write(f"pictures are in {chosen.folder}; {len(failed)} failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _all(browser: Browser, looks: list[str], names: list[str], folder: Path) -> list[str]:
    failed: list[str] = []
    if empty := _named(EMPTY, names):
        with house() as (made, _):
            for each in made.ask("GET", "/v1/workflows")["items"]:
                made.ask("DELETE", f"/v1/workflows/{each['slug']}")
            Studio(browser, made, {}, folder, failed).shoot(looks, empty)
    if _named((*ALL, *LOST), names):
        with house() as (made, services):
            studio = Studio(browser, made, Plant(made, services).all(), folder, failed)
            studio.shoot(looks, _named(ALL, names))
            _lost(studio, looks, _named(LOST, names))
    return failed


def _lost(studio: Studio, looks: list[str], scenes: list[Scene]) -> None:
    """Pages that are open when the server goes away."""
    looks = [look for look in looks if _tongue(look) == "en"]
    with _many(studio, looks) as contexts:
        pages = []
        for look, context in zip(looks, contexts, strict=True):
            for scene in scenes:
                page = context.new_page()
                studio.open(page, look, scene)
                pages.append((page, look, scene))
        studio.house.stop()
        for page, look, scene in pages:
            page.wait_for_timeout(1500)
            studio.keep(page, look, scene.name)


@contextmanager
def _many(studio: Studio, looks: list[str]) -> Iterator[list[BrowserContext]]:
    if not looks:
        yield []
        return
    with studio.visit(looks[0], "owner") as first, _many(studio, looks[1:]) as others:
        yield [first, *others]


def _named(scenes: Iterable[Scene], names: list[str]) -> list[Scene]:
    return [scene for scene in scenes if not names or any(name in scene.name for name in names)]


def _fits(scene: Scene, look: str) -> bool:
    told = _tongue(look) == "en" or scene.main
    return told and (not scene.only or look.startswith(scene.only))


def _tongue(look: str) -> str:
    return look.split("-")[2] if look.count("-") == 2 else "en"


if __name__ == "__main__":
    sys.exit(main())
