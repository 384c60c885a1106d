"""One table says who may do what, and one question asks it (S117)."""

import pytest

from app.identity.errors import ScopeError
from app.identity.roles import ACTIONS, READ, ROLES, Identity, allowed, may_grant, require


def someone(role: str) -> Identity:
    return Identity("org_1", "cal_1", "default", "key_1", role, "")


def test_the_roles_of_the_contract_are_there() -> None:
    """And a viewer only reads."""
    assert {"owner", "admin", "editor", "reviewer", "operator", "viewer"} <= ROLES.keys()
    assert ROLES["viewer"] == READ
    assert all(action.endswith(".read") for action in READ)


@pytest.mark.parametrize("role", ROLES)
def test_asking_and_requiring_say_the_same(role: str) -> None:
    """For every action; an action that does not exist is a mistake of ours, not a refusal."""
    for action in ACTIONS:
        if allowed(someone(role), action):
            require(someone(role), action)
        else:
            with pytest.raises(ScopeError) as refused:
                require(someone(role), action)
            assert (refused.value.action, refused.value.role) == (action, role)
    with pytest.raises(LookupError):
        require(someone(role), "runs.fly")


@pytest.mark.parametrize("role", ROLES)
def test_nobody_hands_out_more_than_they_have(role: str) -> None:
    """Only owners make owners."""
    for other in ROLES:
        if may_grant(someone(role), other):
            assert role == "owner" or (other != "owner" and ROLES[other] <= ROLES[role])
    assert may_grant(someone(role), "owner") == (role == "owner")


def test_a_service_sees_its_own_rows() -> None:
    """All other roles see their organisation's."""
    assert someone("caller").scope.caller_id == "cal_1"
    assert {someone(role).scope.caller_id for role in ROLES if role != "caller"} == {None}
