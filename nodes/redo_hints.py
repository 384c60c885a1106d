"""What quality control says to a generator when it asks for another picture (S45)."""

from collections.abc import Iterable

from pydantic import JsonValue

from graphs.node import Json

PROMPT_ADD = "prompt_add"
NEGATIVE_ADD = "negative_add"

# check → words for the prompt, words for the negative prompt
HINTS: dict[str, tuple[str, str]] = {
    "resolution": ("high resolution, fine detail", "low resolution, pixelated"),
    "sharpness": ("sharp focus, crisp edges, fine texture", "blurry, out of focus, soft"),
    "shadows_clipped": ("balanced exposure, detail in the shadows", "underexposed, pure black areas"),
    "highlights_clipped": ("balanced exposure, detail in the highlights", "overexposed, blown highlights"),
    "contrast": ("clear tonal contrast", "flat, washed out, uniform grey"),
    "entropy": ("rich detail, full scene", "blank, empty, plain background"),
}


def change(prompt_add: str, negative_add: str, failed: Iterable[str]) -> Json:
    """The words of the settings, then those for the checks that failed; each phrase once."""
    hints = [HINTS[name] for name in dict.fromkeys(failed) if name in HINTS]
    wanted = {
        PROMPT_ADD: phrases(prompt_add, *(words for words, _ in hints)),
        NEGATIVE_ADD: phrases(negative_add, *(words for _, words in hints)),
    }
    return {name: words for name, words in wanted.items() if words}


def phrases(*texts: str) -> str:
    """Comma-separated phrases of several texts, each once, in order."""
    found = (part.strip() for text in texts for part in text.split(","))
    return ", ".join(dict.fromkeys(part for part in found if part))


def with_words(text: str, added: JsonValue) -> str:
    """A prompt with further words; as it is when there are none."""
    words = phrases(added) if isinstance(added, str) else ""
    return ", ".join(part for part in (text.rstrip(" ,"), words) if part) if words else text
