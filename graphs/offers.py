"""Whether the services and models that nodes name are there, and able to what is asked of them."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from graphs.document import Document
from graphs.kinds import GENERATOR
from graphs.problem import Problem
from graphs.resolved import Resolved

# service → model → what it is able to
Services = Mapping[str, Mapping[str, frozenset[str]]]
# takes a picture beside the prompt
REFERENCE = "reference"
_SHOWN = 20


def unknown_services(resolved: Resolved, services: Services | None) -> Iterator[Problem]:
    """Nodes whose provider is not connected, or has no such model; none where that is not known (None)."""
    for node_id, node in resolved.nodes.items() if services is not None else ():
        provider, model = (getattr(node.settings, name, None) for name in ("provider", "model"))
        if not isinstance(provider, str) or not isinstance(model, str) or services is None:
            continue
        models = services.get(provider)
        if models is None:
            message = f"node '{node_id}': no service is called '{provider}'{_near(provider, services)}"
            yield Problem("graph.bad_settings", node_id, "settings.provider", message)
        elif model not in models:
            message = f"node '{node_id}': {provider} has no model '{model}'{_near(model, models)}"
            yield Problem("graph.bad_settings", node_id, "settings.model", message)


def unused_references(doc: Document, resolved: Resolved, services: Services | None) -> Iterator[Problem]:
    """Generators that are given a reference picture which their model would not look at."""
    linked = {link.target[0] for link in doc.links if link.target[1] == REFERENCE} if services else ()
    for node_id in sorted(linked):
        node = resolved.nodes.get(node_id)
        if node is None or node.spec.type != GENERATOR or node.settings is None or services is None:
            continue
        provider, model = (str(getattr(node.settings, name)) for name in ("provider", "model"))
        models = services.get(provider, {})
        if model in models and REFERENCE not in models[model]:
            able = sorted(name for name, abilities in models.items() if REFERENCE in abilities)
            names = ", ".join(able[:_SHOWN])
            offer = f"choose {names}, or take the link away" if able else "take the link away"
            message = f"node '{node_id}': {model} takes no reference picture; {offer}"
            yield Problem("graph.bad_settings", node_id, "settings.model", message)


def _near(given: str, known: Iterable[str]) -> str:
    """What was meant perhaps, else what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(given, names, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; there is {', '.join(names[:_SHOWN]) or 'none'}"
