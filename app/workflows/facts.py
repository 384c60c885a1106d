"""What only this installation knows about graphs; the server and the command line judge by the same."""

from app.assets.imaging.presets import load_platforms
from graphs.check import Facts


def installed() -> Facts:
    """The values that triggers may offer where a node looks them up (S40)."""
    return Facts(allowed={("multi_format_export", "platform"): frozenset(load_platforms())})
