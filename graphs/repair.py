"""What would mend a problem, as a change of the document that one click applies. Pure.

A repair is offered where one is plainly right or harmless; it is an ordinary edit, so undo takes it back.
"""

from collections.abc import Callable, Iterable, Mapping

from graphs import repair_links, repair_nodes
from graphs.catalogue import Catalogue
from graphs.delta import apply_delta
from graphs.document import Document, parse, to_json
from graphs.problem import Problem
from graphs.repair_case import WORDS, Around, Case, Repair
from graphs.resolved import resolve

__all__ = ["WORDS", "Repair", "repair_all", "repairs"]


def repairs(doc: Document, catalogue: Catalogue, problems: Iterable[Problem]) -> list[Repair | None]:
    """For each problem what would mend it, None where only a person knows."""
    resolved = resolve(doc, catalogue)
    around = Around(doc, resolved)
    cases = (Case(doc, catalogue, resolved, each, around) for each in problems)
    return [find(case) if (find := _FINDERS.get(case.problem.code)) else None for case in cases]


def repair_all(
    doc: Document, catalogue: Catalogue, check: Callable[[Document], list[Problem]], rounds: int = 20
) -> tuple[Document, int]:
    """The document with every repair that helps, one after the other, and how many there were.

    A repair stands when afterwards there are fewer problems and none is new in its place.
    """
    problems, done = check(doc), 0
    for _ in range(rounds):
        progress = False
        for made in repairs(doc, catalogue, problems):
            if made is None:
                continue
            tried = parse(apply_delta(to_json(doc), made.change))
            left = check(tried)
            if len(left) < len(problems):
                doc, problems, done, progress = tried, left, done + 1, True
                break
        if not progress:
            break
    return doc, done


_FINDERS: Mapping[str, Callable[[Case], Repair | None]] = {
    "graph.dangling_link": repair_links.dangling,
    "graph.duplicate_link": repair_links.duplicate,
    "graph.type_mismatch": repair_links.mismatch,
    "graph.missing_input": repair_links.missing,
    "graph.cycle": repair_links.cycle,
    "graph.many_triggers": repair_nodes.extra_node,
    "graph.many_gates": repair_nodes.extra_node,
    "graph.unknown_node_type": repair_nodes.unknown_type,
    "graph.bad_settings": repair_nodes.settings,
    "graph.no_trigger": repair_nodes.no_trigger,
    "graph.no_delivery": repair_nodes.no_delivery,
    "graph.no_qc": repair_nodes.no_qc,
}
