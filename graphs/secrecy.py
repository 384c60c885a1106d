"""What a node type says about secrets: which it sends, and which of its texts look like one. Pure."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A setting that names a secret; ``url`` is where it goes, empty when only the run tells."""

    field: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class PastedKey:
    """A setting whose text looks like a key that somebody pasted.

    Args:
        field: The setting, as in ``headers[0].value``.
        where: What people call it, such as the name of the header.
        value: The text that looks like a key.
        url: Where it is sent; empty when only the run tells.
        movable: Whether a secret can take its place there.
    """

    field: str
    where: str
    value: str = dataclasses.field(repr=False)
    url: str = ""
    movable: bool = True
