"""Where a callback may go (contract §3, §5)."""

import re
from urllib.parse import urlsplit

from app.egress.errors import UrlRefusedError
from app.egress.policy import CheckedUrl, EgressPolicy

INBOX_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"


class CallbackRule:
    """Which URLs a callback may go to: what the policy allows, and our own test inbox."""

    def __init__(self, policy: EgressPolicy, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._policy = policy
        self._own = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        self._inbox = re.compile(re.escape(f"{public_url}/v1/inbox/") + INBOX_NAME)

    def check(self, url: str) -> None:
        """Raises UrlRefusedError; its reason and text never name a resolved address."""
        if self._inbox.fullmatch(url):
            return
        checked: CheckedUrl = self._policy.check_url(url)
        if (checked.host, checked.port) == self._own:
            raise UrlRefusedError("host")
