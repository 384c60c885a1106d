"""What a Webhook Input declares about each field of its trigger (contract §8)."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic_core import SchemaError, SchemaValidator, core_schema

from graphs.node import Socket
from graphs.source import Source

FieldType = Literal["string", "integer", "number", "boolean", "object", "array"]

RESERVED = frozenset({"callback_url", "idempotency_key", "external_id", "project_id"})
GATE_SOCKET = "trigger"
MAX_FIELDS = 100
MAX_PATTERN_VALUE = 1_000
_SOCKET_TYPES = {
    "string": "Text",
    "integer": "Integer",
    "number": "Number",
    "boolean": "Boolean",
    "object": "Payload",
    "array": "List[Any]",
}
_CLASSES = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}
_LENGTHS = {"min_length", "max_length"}
_RANGES = {"minimum", "maximum"}
_RULES: dict[str, set[str]] = {
    "string": {"enum", "pattern"} | _LENGTHS,
    "integer": {"enum"} | _RANGES,
    "number": {"enum"} | _RANGES,
    "boolean": {"enum"},
    "object": set(),
    "array": _LENGTHS,
}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def has_type(value: Any, kind: FieldType) -> bool:
    """Whether a JSON value is of a declared type; true is no integer and 3.0 is none either."""
    return type(value) in _PYTHON_TYPES[kind]


class FieldSpec(BaseModel):
    """One declared field of a trigger; all but name and type are optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")] = Field(
        description="Name of the field in the request and of the output socket."
    )
    type: FieldType = Field(description="Type of the value.")
    required: bool = Field(False, description="Whether a request without it is refused.")
    default: JsonValue = Field(None, description="Used when the field is absent or null.")
    enum: Annotated[list[JsonValue], Field(min_length=1, max_length=1_000)] | None = Field(
        None, description="The only values allowed."
    )
    min_length: Annotated[int, Field(ge=0)] | None = Field(None, description="Least characters, or items.")
    max_length: Annotated[int, Field(ge=0)] | None = Field(None, description="Most characters, or items.")
    pattern: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="Regular expression that must be found in the value; linear time, no look-around."
    )
    minimum: float | int | None = Field(None, description="Least value.")
    maximum: float | int | None = Field(None, description="Greatest value.")
    source: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] | None = Field(
        None, description="JMESPath expression into the request body; default: the field's own name."
    )
    description: Annotated[str, StringConstraints(max_length=1_000)] = Field(
        "", description="Help for callers."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.name in RESERVED or self.name == GATE_SOCKET:
            raise ValueError(f"'{self.name}' is a reserved name")
        self._refuse_foreign_rules()
        self._refuse_empty_ranges()
        if self.pattern is not None:
            compile_pattern(self.pattern)
        if self.source is not None:
            Source(self.source)
        self._refuse_wrong_constants()
        return self

    def _refuse_foreign_rules(self) -> None:
        for rule in sorted(_LENGTHS | _RANGES | {"enum", "pattern"}):
            if getattr(self, rule) is not None and rule not in _RULES[self.type]:
                raise ValueError(f"{rule} does not apply to type {self.type}")

    def _refuse_empty_ranges(self) -> None:
        for low, high in (("min_length", "max_length"), ("minimum", "maximum")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValueError(f"{low} ({least}) is greater than {high} ({most})")
        if self.pattern is not None and (self.max_length or 0) > MAX_PATTERN_VALUE:
            raise ValueError(f"max_length must be at most {MAX_PATTERN_VALUE} beside a pattern")

    def _refuse_wrong_constants(self) -> None:
        for value in self.enum or ():
            if not has_type(value, self.type):
                raise ValueError(f"enum: {value!r} is not of type {self.type}")
        if self.default is None:
            return
        if not has_type(self.default, self.type):
            raise ValueError(f"default: {self.default!r} is not of type {self.type}")
        if self.enum is not None and self.default not in self.enum:
            raise ValueError(f"default: {self.default!r} is not one of the allowed values")

    @property
    def socket(self) -> Socket:
        """The output socket that carries this field."""
        return Socket(self.name, _SOCKET_TYPES[self.type], description=self.description)


def compile_pattern(pattern: str) -> SchemaValidator:
    """A matcher in linear time whatever the pattern (no backtracking); unanchored, as in JSON Schema.

    Raises:
        ValueError: The expression cannot be read, or uses look-around or back references.
    """
    try:
        return SchemaValidator(core_schema.str_schema(pattern=_ascii_classes(pattern)))
    except SchemaError as error:
        reason = re.split(r"(?:\berror|SchemaError): ", str(error))[-1].strip()
        raise ValueError(f"pattern: {reason.splitlines()[0]}") from None


def _ascii_classes(pattern: str) -> str:
    """With the classes of JSON Schema's dialect (ECMA-262), which are ASCII, and cheap to compile."""
    return re.sub(r"\\(.)", lambda found: _CLASSES.get(found[1], found[0]), pattern, flags=re.DOTALL)


def unique_names(fields: tuple[FieldSpec, ...]) -> tuple[FieldSpec, ...]:
    """The same fields; two of one name are refused."""
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            raise ValueError(f"two fields are called '{field.name}'")
        seen.add(field.name)
    return fields


Fields = Annotated[tuple[FieldSpec, ...], Field(max_length=MAX_FIELDS), AfterValidator(unique_names)]


def sockets(fields: tuple[FieldSpec, ...]) -> tuple[Socket, ...]:
    """Outputs of a Webhook Input: one per field, and ``trigger`` with the whole payload for the gates."""
    whole = Socket(GATE_SOCKET, "Payload", description="The whole payload, for gates.")
    return (*(field.socket for field in fields), whole)
