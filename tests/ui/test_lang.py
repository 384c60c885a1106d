"""The languages of the pages: every text that the code says is in every catalogue, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import app.ui
from app.tongues import LANGUAGES, chosen
from app.ui.lang.catalogue import area, areas, catalogue
from app.ui.lang.say import current, n, t, use

ROOT = Path(next(iter(app.ui.__path__)))
STATIC = ROOT.parent.parent / "static" / "src"
OTHERS = [language for language in LANGUAGES if language != "en"]
# which argument is the catalogue's key
_SAYING = {"t": 0, "n": 1, "said": 0, "Look": 1}
_PART = re.compile(r"\{(\w+)\}")
_SAID = re.compile(r'\b(t|n)\(\s*("(?:[^"\\]|\\.)*")(?:,\s*("(?:[^"\\]|\\.)*"))?')


def _python() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _SAYING:
                key = dict(enumerate(call.args)).get(_SAYING[call.func.id])
                if isinstance(key, ast.Constant):
                    yield str(key.value)


def _browser() -> Iterator[str]:
    for path in STATIC.rglob("*.ts"):
        for kind, first, second in _SAID.findall(path.read_text("utf-8")):
            yield str(ast.literal_eval(second if kind == "n" else first))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    """Rule: whatever the pages say through t() or n() has a text in each language."""
    missing = sorted(set(_python()) - set(catalogue(language)))
    assert not missing, f"{language}: {missing}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_canvas_is_in_the_part_the_browser_gets(language: str) -> None:
    """Rule: what the canvas says is in the area `canvas`, the only one that is sent to the browser."""
    missing = sorted(set(_browser()) - set(area(language, "canvas")))
    assert not missing, f"{language}: {missing}"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_the_same_parts(language: str) -> None:
    """Rule: a translation has the same {parts} as the English text, and is not empty."""
    for text, entry in catalogue(language).items():
        for form in (entry,) if isinstance(entry, str) else entry:
            assert form.strip(), text
            assert set(_PART.findall(form)) <= set(_PART.findall(text)), (text, form)
        longest = entry if isinstance(entry, str) else entry[1]
        assert set(_PART.findall(longest)) == set(_PART.findall(text)), (text, longest)


def test_the_languages_have_the_same_files() -> None:
    """Rule: a catalogue file of one language exists in every other one and holds the same texts."""
    for name in areas("de"):
        assert set(area("de", name)) == set(area("ja", name)), name
    assert areas("de") == areas("ja")


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_is_translated_once(language: str) -> None:
    """Rule: one text has one entry over all files, so that nobody corrects the one that is not used."""
    known = [text for name in areas(language) for text in area(language, name)]
    assert sorted({text for text in known if known.count(text) > 1}) == []


def test_an_unknown_text_stays_english_and_counts_are_written_as_the_language_does() -> None:
    """Rule: no text is ever missing on a page; numbers carry the language's marks."""
    with use("de"):
        assert t("never said {what}", what="{what}") == "never said {what}"
        assert n("{count} thing never said", "{count} things never said", 1_234) == "1.234 things never said"
    assert current() == "en"


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr-FR,ja;q=0.4,de;q=0.5", "de"),
        ("ja", "de", "ja"),
        ("xx", "ja-JP", "ja"),
        ("", "de;q=0,en;q=0.1", "en"),
        ("", "*;q=abc,,;;q=1,de;q=nan" + "x" * 5_000, "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_what_the_browser_asks_for(
    cookie: str, accepted: str, language: str
) -> None:
    """Rule: a choice made here wins over the browser's wish; nonsense means English."""
    assert chosen({"sakuga_language": cookie}, accepted) == language
