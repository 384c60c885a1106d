"""Edits that lost against others' stay in the store until the person they are of chooses."""

from app.store import conflicts
from app.workflows.lost import keep_lost, lost_edits
from graphs.merge import Conflict
from graphs.parts import ABSENT


def _workflow(service, org_id) -> str:
    return service.create(org_id, "kept").id


def test_a_lost_edit_is_there_for_its_person_on_any_server(db, service, org_id):
    """Rule: what lost is read back as it was, by its person alone, until it was decided on."""
    mine = _workflow(service, org_id)
    lost = (
        Conflict("node", "prompt", "settings.template", "my words", "theirs"),
        Conflict("node", "gone", "", None, {"id": "gone", "type": "delay"}),
        Conflict("node", "size", "settings.width", ABSENT, 1024),
    )
    keep_lost(db, mine, "key_a", lost, (), "Ada")
    keep_lost(db, mine, "key_a", [Conflict("node", "prompt", "settings.template", "later", "x")], (), "Bob")
    assert lost_edits(db, mine, "key_a") == (lost, "Ada")
    assert lost_edits(db, mine, "key_b") == ((), "")
    keep_lost(db, mine, "key_a", (), [("node", "prompt", "settings.template")], "")
    assert lost_edits(db, mine, "key_a")[0] == lost[1:]


def test_lost_edits_are_bounded(db, service, org_id, monkeypatch):
    """Rule: one person keeps so many in one draft and no more; names of any length have a place."""
    mine = _workflow(service, org_id)
    monkeypatch.setattr(conflicts, "MOST", 3)
    lost = [Conflict("note", f"{i}" * 300, "text", "a" * 9_000, "b") for i in range(5)]
    keep_lost(db, mine, "key_a", lost, (), "x" * 900)
    assert lost_edits(db, mine, "key_a") == (tuple(lost[:3]), "x" * 200)
