"""What `sakuga up` prints when it is ready."""

from collections.abc import Mapping


def banner(public_url: str, facts: Mapping[str, str]) -> str:
    """The block for the terminal; `facts` may hold login_url, api_key and curl (from the preparation)."""
    lines = ["", f"  Sakuga is ready at {public_url}", ""]
    if login := facts.get("login_url"):
        lines += ["  Sign in (once)  " + login]
    key = facts.get("api_key")
    lines += ["  API key         " + (f"{key}  (shown only now)" if key else _where_keys_are())]
    if curl := facts.get("curl"):
        lines += ["", "  Make a first picture:", "", *("    " + line for line in curl.splitlines())]
    lines += ["", "  Ctrl-C stops everything.", ""]
    return "\n".join(lines) + "\n"


def _where_keys_are() -> str:
    return "shown at the first start; make another with: sakuga key create"
