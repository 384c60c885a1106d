"""Whether the services and models that nodes name are there."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from graphs.problem import Problem
from graphs.resolved import Resolved

_SHOWN = 20


def unknown_services(resolved: Resolved, services: Mapping[str, frozenset[str]] | None) -> Iterator[Problem]:
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


def _near(given: str, known: Iterable[str]) -> str:
    """What was meant perhaps, else what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(given, names, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; there is {', '.join(names[:_SHOWN]) or 'none'}"
