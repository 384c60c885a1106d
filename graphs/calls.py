"""Workflows that call workflows: everything that can be known to be wrong before a run (S74)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from graphs.problem import Problem
from graphs.resolved import Resolved
from graphs.spawn import MAX_DEPTH, Call

Key = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A published version that may be called.

    Args:
        fields: Business fields its trigger reads.
        required: Those without which it refuses to start.
        calls: What it calls itself.
    """

    fields: frozenset[str]
    required: frozenset[str]
    calls: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflows:
    """The workflows of an organisation, as far as a graph reaches them.

    Args:
        slug: The workflow that the graph belongs to.
        targets: What is published, by slug and version (None: the current one).
        slugs: Every workflow there is, for suggestions.
    """

    slug: str
    targets: Mapping[Key, Target]
    slugs: tuple[str, ...] = ()


def calls_of(resolved: Resolved) -> Iterator[tuple[str, Call]]:
    """The nodes that call a workflow, with what they call; one with wrong settings is left out."""
    for node_id, node in resolved.nodes.items():
        call = node.type.call_for(node.settings) if node.settings is not None else None
        if call is not None:
            yield node_id, call


def call_problems(resolved: Resolved, known: Workflows | None) -> Iterator[Problem]:
    """What is wrong with calls; without ``known`` only what the graph itself tells."""
    for node_id, call in calls_of(resolved):
        if not call.workflow:
            yield _problem(node_id, "workflow", "needs the slug of the workflow to run")
        elif known is not None:
            yield from _against(node_id, call, known)


def _against(node_id: str, call: Call, known: Workflows) -> Iterator[Problem]:
    key = (call.workflow, call.version)
    circle = _circle(key, known, (known.slug,))
    if circle:
        words = f"a workflow may not call itself: {' → '.join(circle)}"
        yield _problem(node_id, "workflow", words, "graph.cycle")
        return
    target = known.targets.get(key)
    if target is None:
        yield _unknown(node_id, call, known)
        return
    depth = _depth(key, known)
    if depth > MAX_DEPTH:
        words = f"workflows call each other {depth} levels deep; {MAX_DEPTH} are the most"
        yield _problem(node_id, "workflow", words, "graph.too_large")
    for name in sorted(call.fields - target.fields):
        offer = ", ".join(sorted(target.fields)) or "none"
        yield _problem(node_id, "workflow", f"'{call.workflow}' has no field '{name}'; it has: {offer[:500]}")
    for name in sorted(target.required - call.fields) if not call.open else ():
        yield _problem(node_id, "workflow", f"'{call.workflow}' needs the field '{name}'; send it too")


def _unknown(node_id: str, call: Call, known: Workflows) -> Problem:
    if call.workflow in known.slugs:
        which = "published version" if call.version is None else f"version {call.version}"
        return _problem(node_id, "workflow", f"'{call.workflow}' has no {which}")
    close = get_close_matches(call.workflow, known.slugs, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return _problem(node_id, "workflow", f"there is no workflow '{call.workflow[:80]}'{hint}")


def _circle(key: Key, known: Workflows, above: tuple[str, ...]) -> tuple[str, ...]:
    """The way from the graph's own workflow back to one that is on it; empty when there is none."""
    if key[0] in above:
        return (*above[above.index(key[0]) :], key[0])
    target = known.targets.get(key)
    if target is None or len(above) > MAX_DEPTH + 1:
        return ()
    found = (_circle(each, known, (*above, key[0])) for each in target.calls)
    return next((each for each in found if each), ())


def _depth(key: Key, known: Workflows, level: int = 1) -> int:
    target = known.targets.get(key)
    if target is None or level > MAX_DEPTH:
        return level
    return max((_depth(each, known, level + 1) for each in target.calls), default=level)


def _problem(node_id: str, field: str, words: str, code: str = "graph.bad_settings") -> Problem:
    return Problem(code, node_id, f"settings.{field}", f"node '{node_id}': {field} {words}")
