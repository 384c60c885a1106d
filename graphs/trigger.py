"""The contract of a trigger: which business fields a request may hold (contract §3, §8).

Compiled once per published version; ``read`` runs on every request.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from graphs.document import Document
from graphs.errors import GraphError
from graphs.fields import (
    RESERVED,
    Fields,
    FieldSpec,
    sockets,
    unique_names,
)
from graphs.kinds import TRIGGER
from graphs.rules import Finding, Rule, rules
from graphs.schema import trigger_schema
from graphs.source import Source, SourceError

__all__ = [
    "RESERVED",
    "Accepted",
    "FieldError",
    "FieldSpec",
    "Fields",
    "TriggerContract",
    "TriggerInvalid",
    "sockets",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field, as contract §6 lists it; ``pointer`` is a JSON Pointer into the body (RFC 6901)."""

    field: str
    pointer: str
    code: str
    detail: str
    allowed: tuple[Any, ...] | None = None
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a request brought.

    Attributes:
        values: Field name → value, defaults applied; an optional field without both is absent.
        ignored: Top-level keys of the body that nothing reads, in the order of the body.
    """

    values: dict[str, Any]
    ignored: list[str]


class TriggerInvalid(GraphError):  # noqa: N818 - its name in the team's interfaces
    """A request holds wrong fields; ``errors`` names every one of them."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(error.detail for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    find: Callable[[Mapping[str, Any]], Any]
    required: bool
    default: Any
    rules: tuple[Rule, ...]
    pointer: str


class TriggerContract:
    """The fields of one workflow version.

    Args:
        fields: Declarations of a Webhook Input, in their order; objects or their JSON.

    Raises:
        ValueError: A declaration is wrong (pydantic's error names the field) or a name comes twice.
    """

    def __init__(self, fields: Iterable[FieldSpec | Mapping[str, Any]]) -> None:
        self.fields = unique_names(tuple(FieldSpec.model_validate(field) for field in fields))
        found = [(field, Source(field.source or field.name)) for field in self.fields]
        self._readers = tuple(_reader(field, source) for field, source in found)
        roots = [source.roots for _, source in found]
        self._reads_all = None in roots
        self._known = RESERVED.union(*(root for root in roots if root is not None))

    @classmethod
    def of(cls, doc: Document) -> "TriggerContract":
        """The contract of the first Webhook Input in a checked document; empty when there is none."""
        for node in doc.nodes:
            if node.type == TRIGGER:
                return cls(node.settings.get("fields", []))  # type: ignore[arg-type]
        return cls(())

    def read(self, body: Mapping[str, Any]) -> Accepted:
        """The declared fields of a request body.

        Raises:
            TriggerInvalid: With every wrong field at once (S40, S41).
        """
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for reader in self._readers:
            value, finding = _read(reader, body)
            if finding is not None:
                errors.append(_field_error(reader, finding))
            elif value is not None:
                values[reader.name] = value
        if errors:
            raise TriggerInvalid(errors)
        known = self._known
        return Accepted(values, [] if self._reads_all else [key for key in body if key not in known])

    def json_schema(self) -> dict[str, Any]:
        """The body as JSON Schema 2020-12, reserved fields included, for OpenAPI 3.1."""
        return trigger_schema(self.fields)


def _read(reader: _Reader, body: Mapping[str, Any]) -> tuple[Any, Finding | None]:
    try:
        value = reader.find(body)
    except SourceError as error:
        return None, Finding("wrong_type", f"{reader.name}: {error}")
    if value is None:
        if reader.required and reader.default is None:
            return None, Finding("missing_field", f"{reader.name} is required")
        return deepcopy(reader.default), None
    for rule in reader.rules:
        finding = rule(value)
        if finding is not None:
            return None, finding
    return value, None


def _field_error(reader: _Reader, finding: Finding) -> FieldError:
    code = f"trigger.{finding.code}"
    return FieldError(
        reader.name, reader.pointer, code, finding.detail, finding.allowed, finding.did_you_mean
    )


def _reader(field: FieldSpec, source: Source) -> _Reader:
    return _Reader(field.name, source.find, field.required, field.default, rules(field), _pointer(source))


def _pointer(source: Source) -> str:
    keys = source.path or (tuple(source.roots) if source.roots and len(source.roots) == 1 else ())
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
