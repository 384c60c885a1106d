"""Who may do what: one table, one question (contract §7, S117)."""

from dataclasses import dataclass

from app.identity.errors import ScopeError
from app.store.audit import Actor
from app.store.runs import Scope

READ = frozenset(
    {
        "runs.read",
        "deliveries.read",
        "workflows.read",
        "callers.read",
        "inbox.read",
        "limits.read",
        "alerts.read",
        "presets.read",
        "schedules.read",
        "forms.read",
        "providers.read",
        "calls.read",
        "assets.read",
    }
)
# a requesting service starts what was published, never a draft
_TRIGGER = frozenset({"runs.trigger", "drafts.run"})
_OPERATE = frozenset(
    {
        "runs.cancel",
        "runs.rerun",
        "runs.pause",
        "workflows.pause",
        "callers.pause",
        "deliveries.replay",
        "limits.resume",
        "alerts.acknowledge",
        "inbox.clear",
        "calls.resolve",
    }
)
_EDIT = frozenset(
    {
        "workflows.write",
        "workflows.publish",
        "workflows.delete",
        "forms.write",
        "assets.write",
        "assets.delete",
    }
)
_JUDGE = frozenset({"rows.judge"})
_SCHEDULE = frozenset({"schedules.write"})
# who edits workflows chooses secrets by name
_CHOOSE = frozenset({"secrets.read"})
_ADMINISTER = frozenset(
    {"keys.read", "keys.write", "callers.write", "audit.read", "providers.write", "secrets.write"}
)

ROLES: dict[str, frozenset[str]] = {
    "owner": READ | _TRIGGER | _OPERATE | _EDIT | _SCHEDULE | _ADMINISTER | _JUDGE | _CHOOSE,
    "admin": READ | _TRIGGER | _OPERATE | _EDIT | _SCHEDULE | _ADMINISTER | _JUDGE | _CHOOSE,
    "editor": READ
    | _TRIGGER
    | _EDIT
    | _SCHEDULE
    | _JUDGE
    | _CHOOSE
    | frozenset({"runs.cancel", "runs.rerun", "runs.pause", "workflows.pause", "inbox.clear"}),
    "reviewer": READ | _JUDGE,
    "operator": READ | _TRIGGER | _OPERATE | _SCHEDULE | _JUDGE,
    "viewer": READ,
    # a requesting service: starts runs, brings pictures and sees its own, nothing else
    "caller": frozenset(
        {
            *("runs.trigger", "runs.read", "runs.cancel", "deliveries.read", "presets.read"),
            *("assets.read", "assets.write"),
        }
    ),
}
ACTIONS = frozenset().union(*ROLES.values())
_OWN_ONLY = frozenset({"caller"})
_SHOWN = 150


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from: a key of a caller in an organisation, and its role."""

    org_id: str
    caller_id: str
    caller: str
    key_id: str
    role: str
    label: str
    expires_at: float | None = None
    # the request in which a page acts, for the audit log
    request_id: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        return ROLES[self.role]

    @property
    def scope(self) -> Scope:
        """Which rows this identity sees."""
        return Scope(self.org_id, self.caller_id if self.role in _OWN_ONLY else None)

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"{(self.label or self.caller)[:_SHOWN]} ({self.key_id})"

    def acting(self, request_id: str | None = None) -> Actor:
        return Actor(self.org_id, self.actor, request_id or self.request_id)


def allowed(identity: Identity, action: str) -> bool:
    return action in ROLES[identity.role]


def require(identity: Identity, action: str) -> None:
    """Let an identity act, or say which action its role lacks.

    Raises:
        ScopeError: The role does not allow the action.
    """
    if action not in ACTIONS:
        raise LookupError(f"no such action: {action}")
    if not allowed(identity, action):
        raise ScopeError(action, identity.role)


def may_grant(identity: Identity, role: str) -> bool:
    """Nobody hands out more than they have: only an owner makes owners."""
    return identity.role == "owner" or (ROLES[role] <= ROLES[identity.role] and role != "owner")
