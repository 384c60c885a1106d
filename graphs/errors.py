"""What can go wrong in a graph or a node: one tree, facts as attributes."""

from typing import ClassVar, Literal

ErrorClass = Literal["permanent", "transient", "wait", "ambiguous", "operator"]


class GraphError(Exception):
    """A graph cannot be used."""


class MalformedDocumentError(GraphError):
    """A file is not a readable graph document (contract §8).

    Args:
        reason: What is wrong and what would be right, in one sentence.
        node_id: The node at fault, when it can be named.
        field: Path of the field, relative to the node when there is one.
        code: ``graph.malformed``, or ``graph.too_large`` for a limit.
        others: Further errors found in the same reading.
    """

    def __init__(
        self,
        reason: str,
        *,
        node_id: str | None = None,
        field: str | None = None,
        code: str = "graph.malformed",
        others: tuple["MalformedDocumentError", ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node_id = node_id
        self.field = field
        self.code = code
        self.others = others


class UnknownKindError(GraphError):
    """No node type has this kind."""

    def __init__(self, kind: str, similar: str | None = None) -> None:
        hint = f"; did you mean '{similar}'?" if similar else ""
        super().__init__(f"no node type is called '{kind}'{hint}")
        self.kind = kind
        self.similar = similar


class NodeDefinitionError(GraphError):
    """A node type is defined wrongly; raised when the class is defined or discovered."""


class NodeError(Exception):
    """A node could not do its work; the code is one of contract §6.

    Args:
        code: The error code, for example ``node.provider_timeout``.
        description: One sentence for the person who has to act, free of secrets and addresses.
        field: The trigger field or setting at fault, when there is one.
        retry_after: Seconds before another try makes sense, when the cause says so.

    Attributes:
        credits: What was charged although it failed.
    """

    error_class: ClassVar[ErrorClass] = "permanent"
    credits: float = 0.0

    def __init__(
        self, code: str, description: str, *, field: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.field = field
        self.retry_after = retry_after


class PermanentError(NodeError):
    """The same input would fail again: one attempt (S40)."""


class TransientError(NodeError):
    """Another try may succeed: the retry schedule applies (S38)."""

    error_class = "transient"


class ThrottledError(NodeError):
    """The service asks to wait; the wait is not counted as an attempt (S122)."""

    error_class = "wait"


class AmbiguousError(NodeError):
    """A paid call left and no answer came: reconcile first, never send again blindly (S121)."""

    error_class = "ambiguous"


class OperatorError(NodeError):
    """Only the people who run the system can mend this; an alert is raised."""

    error_class = "operator"
