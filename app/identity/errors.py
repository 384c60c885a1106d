"""What can be wrong with who someone is, or with what they may do."""


class IdentityError(Exception):
    """A request cannot be tied to someone who may make it."""


class ScopeError(IdentityError):
    """The identity is known, but its role does not allow the action."""

    def __init__(self, action: str, role: str) -> None:
        super().__init__(f"the role {role} does not allow {action}")
        self.action = action
        self.role = role


class UnknownError(IdentityError):
    """No such object in this organisation."""

    def __init__(self, kind: str, reference: str) -> None:
        super().__init__(f"there is no {kind} '{reference}'")
        self.kind = kind
        self.reference = reference


class TakenError(IdentityError):
    """The name is in use."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is already a {kind} '{name}'")
        self.kind = kind
        self.name = name


class BusyError(IdentityError):
    """It cannot be done while something goes on; `reason` says what, and what can be done instead."""

    def __init__(self, kind: str, name: str, reason: str) -> None:
        super().__init__(f"{kind} '{name}': {reason}")
        self.kind = kind
        self.name = name
        self.reason = reason


class InvalidError(IdentityError, ValueError):
    """A value cannot be used; `field` names it, the text says what would be right."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class VaultError(IdentityError):
    """A stored secret cannot be opened: another key sealed it, or it was moved or changed."""
