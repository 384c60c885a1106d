"""What a node type says about secrets: which it sends, and which of its texts look like one. Pure."""

import dataclasses
import re
from dataclasses import dataclass

# how well-known services write their keys
SHAPES = (
    r"(?:sk|pk|rk|whsec|ghp|gho|ghs|github_pat|glpat|xox[abpr]|hf|r8|shpat)[-_][A-Za-z0-9_+/=.-]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"
)
# what a field is called whose text is a secret, whatever it looks like
NAMED = re.compile(
    r"(?:^|[-_. ])(?:access[-_ ]?key|secret|token|passw(?:or)?d|passphrase|authorization|credential|bearer)s?"
    r"(?:$|[-_. ])|api[-_ ]?keys?(?:$|[-_. ])|(?:secret|private|access)[-_ ]?key$"
    r"|(?-i:[a-z](?:Token|Secret|Password|Credential)s?(?:$|[-_. A-Z]))",
    re.IGNORECASE,
)


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
