"""Who else has this draft open, as small discs in the toolbar."""

from app.ui.editor.desk import Desk
from app.ui.editor.presence import Peer
from app.ui.editor.said import Names
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, text

_MOST = 4


def people(desk: Desk) -> None:
    """Draw the others; the name and what they have selected is said on hover and read aloud."""
    peers = desk.presence.peers
    if not peers:
        return
    names = Names(desk.types, desk.document)
    with attrs(box("sk-people__row", role="list"), aria_label=t("Also here")):
        for peer in peers[:_MOST]:
            _disc(desk, peer, names)
        if len(peers) > _MOST:
            more = text(f"+{len(peers) - _MOST}", "sk-person")
            attrs(more, role="listitem", title=", ".join(each.name for each in peers[_MOST:]))


def _disc(desk: Desk, peer: Peer, names: Names) -> None:
    who = t("You, in another tab") if peer.person == desk.presence.person else peer.name
    if len(peer.nodes) == 1:
        where = t("{who}: {node} selected", who=who, node=names.node(peer.nodes[0]))
    elif peer.nodes:
        where = n("{who}: {count} node selected", "{who}: {count} nodes selected", len(peer.nodes), who=who)
    else:
        where = who
    initials = "".join(part[:1] for part in peer.name.replace("-", " ").split()[:2]).upper() or "?"
    made = text(initials, "sk-person")
    attrs(made, role="listitem", title=where, aria_label=where, data_color=str(peer.color))
