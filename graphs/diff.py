"""What changed between two versions: for callers (the trigger's contract) and for editors (the graph)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from graphs.document import Document, NodeSpec
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract

ChangeKind = Literal["removed", "added", "required", "type", "enum", "bounds", "pattern", "source", "default"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one trigger field; a breaking one refuses requests that were accepted before (S56)."""

    field: str
    kind: ChangeKind
    breaking: bool
    text: str


@dataclass(frozen=True, slots=True)
class NodeChange:
    """One node that is in both graphs: what is different, as (field, before, after)."""

    node_id: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Two graphs compared; moves and sizes are left out. Links as ``node.socket`` pairs."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[NodeChange, ...]
    links_added: tuple[tuple[str, str], ...]
    links_removed: tuple[tuple[str, str], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing but places changed."""
        return not (self.added or self.removed or self.changed or self.links_added or self.links_removed)


def contract_changes(old: TriggerContract, new: TriggerContract) -> list[Change]:
    """Every change of a trigger's fields, sorted by field.

    Breaking: a field removed, a new required one, a narrower type or set of allowed values, tighter bounds,
    another pattern or source.
    """
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    return [
        change
        for name in sorted(before.keys() | after.keys())
        for change in _field_changes(name, before.get(name), after.get(name))
    ]


def graph_diff(old: Document, new: Document) -> GraphDiff:
    """What an editor changed from one document to the other."""
    before, after = {node.id: node for node in old.nodes}, {node.id: node for node in new.nodes}
    both = sorted(before.keys() & after.keys())
    changes = (NodeChange(name, tuple(_node_fields(before[name], after[name]))) for name in both)
    old_links, new_links = _link_names(old), _link_names(new)
    return GraphDiff(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(change for change in changes if change.fields),
        tuple(sorted(new_links - old_links)),
        tuple(sorted(old_links - new_links)),
    )


def _field_changes(name: str, old: FieldSpec | None, new: FieldSpec | None) -> Iterator[Change]:
    if old is None and new is not None:
        words = "a new required field" if _demanded(new) else "a new optional field"
        yield Change(name, "added", _demanded(new), f"{name} is {words}")
    elif new is None:
        yield Change(name, "removed", True, f"{name} is no longer read")
    elif old is not None:
        yield from _type_changes(old, new)
        yield from _demand_changes(old, new)
        yield from _enum_changes(old, new)
        yield from _bound_changes(old, new)
        yield from _other_changes(old, new)


def _demanded(field: FieldSpec) -> bool:
    return field.required and field.default is None


def _type_changes(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    if old.type != new.type:
        widened = (old.type, new.type) == ("integer", "number")
        yield Change(new.name, "type", not widened, f"{new.name} is {new.type}, it was {old.type}")


def _demand_changes(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    if _demanded(old) != _demanded(new):
        words = "now required" if _demanded(new) else "no longer required"
        yield Change(new.name, "required", _demanded(new), f"{new.name} is {words}")


def _enum_changes(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    if old.enum == new.enum:
        return
    if new.enum is None:
        yield Change(new.name, "enum", False, f"{new.name} takes any value")
        return
    if old.enum is None:
        yield Change(new.name, "enum", True, f"{new.name} takes only: {_words(new.enum)}")
        return
    gone = [value for value in old.enum if value not in new.enum]
    fresh = [value for value in new.enum if value not in old.enum]
    if gone:
        yield Change(new.name, "enum", True, f"{new.name} no longer takes: {_words(gone)}")
    if fresh:
        yield Change(new.name, "enum", False, f"{new.name} takes also: {_words(fresh)}")


def _bound_changes(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    for rule in ("min_length", "minimum"):
        yield from _bound_change(new.name, rule, getattr(old, rule), getattr(new, rule), 1)
    for rule in ("max_length", "maximum"):
        yield from _bound_change(new.name, rule, getattr(old, rule), getattr(new, rule), -1)


def _bound_change(name: str, rule: str, old: float | None, new: float | None, sign: int) -> Iterator[Change]:
    if old != new:
        tighter = new is not None and (old is None or sign * new > sign * old)
        yield Change(name, "bounds", tighter, f"{rule} of {name} is {_or_none(new)}, it was {_or_none(old)}")


def _other_changes(old: FieldSpec, new: FieldSpec) -> Iterator[Change]:
    if old.pattern != new.pattern:
        text = f"pattern of {new.name} is {_or_none(new.pattern)}, it was {_or_none(old.pattern)}"
        yield Change(new.name, "pattern", new.pattern is not None, text)
    if (old.source or old.name) != (new.source or new.name):
        text = f"{new.name} is read from {new.source or new.name}, it was {old.source or old.name}"
        yield Change(new.name, "source", True, text)
    if old.default != new.default:
        text = f"default of {new.name} is {_or_none(new.default)}, it was {_or_none(old.default)}"
        yield Change(new.name, "default", False, text)


def _words(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _or_none(value: Any) -> str:
    return "none" if value is None else str(value)


def _node_fields(old: NodeSpec, new: NodeSpec) -> Iterator[tuple[str, Any, Any]]:
    for name in ("type", "title", "version"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield name, before, after
    kept, keeps = (node.cache and node.cache.seconds for node in (old, new))
    if kept != keeps:
        yield "cache.seconds", kept, keeps
    for key in sorted(old.settings.keys() | new.settings.keys()):
        before, after = old.settings.get(key), new.settings.get(key)
        if before != after:
            yield f"settings.{key}", before, after


def _link_names(doc: Document) -> set[tuple[str, str]]:
    return {(".".join(link.source), ".".join(link.target)) for link in doc.links}
