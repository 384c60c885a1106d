"""Since when presets have had their content: what a run of before was made with may be another one."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select, update

from app.store.tables import preset_mark

Name = tuple[str, str]


def changed_since(connection: Connection, moment: float) -> frozenset[Name]:
    """The presets, as (kind, key), that have had another content than now at a moment (epoch seconds)."""
    query = select(preset_mark.c.kind, preset_mark.c.key).where(preset_mark.c.since > moment)
    return frozenset((row.kind, row.key) for row in connection.execute(query))


def note(connection: Connection, digests: Mapping[Name, str], now: float) -> int:
    """Remember what each preset is now; how many differ from what was known."""
    known = {(row.kind, row.key): row.digest for row in connection.execute(select(preset_mark))}
    # what the first release that looks finds has always been so, as far as anybody knows
    since = now if known else 0.0
    fresh = [name for name in digests if name not in known]
    other = [name for name, digest in digests.items() if known.get(name, digest) != digest]
    for kind, key in fresh:
        values = {"kind": kind, "key": key, "digest": digests[kind, key], "since": since}
        connection.execute(insert(preset_mark).values(values))
    for kind, key in other:
        mine = preset_mark.c.kind == kind, preset_mark.c.key == key
        change = {"digest": digests[kind, key], "since": now}
        connection.execute(update(preset_mark).where(*mine).values(change))
    for kind, key in known.keys() - digests.keys():
        mine = preset_mark.c.kind == kind, preset_mark.c.key == key
        connection.execute(delete(preset_mark).where(*mine))
    return len(other)
