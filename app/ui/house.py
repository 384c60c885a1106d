"""What the pages stand on: the system, and the pulse that keeps open pages current."""

from dataclasses import dataclass, field

from app.store.database import Database
from app.ui.editor.rooms import Rooms
from app.ui.editor.sessions import EditorSessions
from app.ui.files.doors import FileDoors
from app.ui.live import Pulse
from app.wiring import System


@dataclass(frozen=True, slots=True)
class House:
    """Built once when the pages are mounted."""

    system: System
    pulse: Pulse
    editors: EditorSessions
    rooms: Rooms
    doors: FileDoors = field(default_factory=FileDoors)

    @property
    def db(self) -> Database:
        return self.system.db

    def stored(self, org_id: str, slug: str, revision: int) -> None:
        """Tell every tab that has this draft open that it was stored; from any thread."""
        self.rooms.tell(f"{org_id}/{slug}", {"kind": "stored", "revision": revision})

    def thumb(self, sha256: str | None) -> str:
        """Address of a thumbnail for our own pages; empty for none."""
        return self.system.library.thumb_path(sha256) if sha256 else ""

    def picture(self, sha256: str, form: str) -> str:
        """Address of a whole picture, relative, so that it works behind any host name."""
        return self.system.library.path(f"{sha256}.{form}")
