"""Secrets that a graph names: whether they are there, and may go where they are sent (feature 59).

And texts that look like a key: whoever may read the graph reads them too.
"""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from graphs.catalogue import Catalogue
from graphs.document import Document
from graphs.node import Node
from graphs.problem import Problem
from graphs.resolved import Resolved
from graphs.secrecy import PastedKey, SecretUse

PASTED = "graph.pasted_key"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """The secrets of an organisation.

    Args:
        hosts: Name → where it may be sent.
        meant_for: Whether an address is one of these places; True for one that cannot be told yet.
    """

    hosts: Mapping[str, tuple[str, ...]]
    meant_for: Callable[[Collection[str], str], bool]


def may_name_secrets(doc: Document, catalogue: Catalogue) -> bool:
    """Whether any node is of a type that can send secrets; else nobody need look at which there are."""
    mute = Node.secrets_for.__func__  # type: ignore[attr-defined]
    kinds = {node.type for node in doc.nodes if node.type in catalogue}
    return any(getattr(catalogue.get(kind).secrets_for, "__func__", mute) is not mute for kind in kinds)


def secret_names(resolved: Resolved) -> dict[str, list[str]]:
    """Name → the nodes that send it, each once."""
    found: dict[str, dict[str, None]] = {}
    for node_id, use in _uses(resolved):
        found.setdefault(use.name, {})[node_id] = None
    return {name: list(nodes) for name, nodes in found.items()}


def secret_problems(resolved: Resolved, known: KnownSecrets | None) -> Iterator[Problem]:
    """What is wrong with the secrets that nodes name (unjudged with None), and keys in plain sight."""
    for node_id, use in _uses(resolved) if known is not None else ():
        places = known.hosts.get(use.name) if known is not None else None
        if known is not None and places is None:
            yield _unknown(node_id, use, known.hosts)
        elif known is not None and places is not None and use.url and not known.meant_for(places, use.url):
            message = f"node '{node_id}': secret '{use.name}' may be sent to {_listed(places)} only"
            yield Problem("graph.bad_settings", node_id, f"settings.{use.field}", message)
    for node_id, each in pasted_keys(resolved):
        message = (
            f"node '{node_id}': {each.where} looks like a key; whoever may open the workflow can read it"
        )
        yield Problem(PASTED, node_id, f"settings.{each.field}", message, "warning")


def pasted_keys(resolved: Resolved) -> Iterator[tuple[str, PastedKey]]:
    """Texts that look like a key, with their nodes."""
    for node_id, node in resolved.nodes.items():
        if node.settings is not None:
            yield from ((node_id, each) for each in node.type.pasted_for(node.settings))


def _uses(resolved: Resolved) -> Iterator[tuple[str, SecretUse]]:
    for node_id, node in resolved.nodes.items():
        if node.settings is not None:
            yield from ((node_id, each) for each in node.type.secrets_for(node.settings))


def _unknown(node_id: str, use: SecretUse, known: Collection[str]) -> Problem:
    names = sorted(known)
    close = next(iter(difflib.get_close_matches(use.name, names, 1)), None)
    # not which there are: who may open a workflow may not see that by this alone
    hint = f"; did you mean '{close}'?" if close else ""
    message = f"node '{node_id}': there is no secret '{use.name}'{hint}"
    field = f"settings.{use.field}"
    return Problem("graph.bad_settings", node_id, field, message, did_you_mean=close)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:_SHOWN])
