"""What only those who keep the money straight need to know of a failure (S121)."""

from graphs.errors import NodeError, TransientError


class UnansweredError(TransientError):
    """The service may have taken the call; the same idempotency key makes another try safe."""


class JobEndedError(Exception):
    """A submitted job ended without a result and cost nothing; asking for it again is no use.

    Args:
        cause: What the step has to be told.
    """

    def __init__(self, cause: NodeError) -> None:
        super().__init__(cause.description)
        self.cause = cause
