"""What the pages stand on: the system, and the pulse that keeps open pages current."""

from dataclasses import dataclass, field

from app.store.database import Database
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
    doors: FileDoors = field(default_factory=FileDoors)

    @property
    def db(self) -> Database:
        return self.system.db

    def thumb(self, sha256: str | None) -> str:
        """Address of a thumbnail for our own pages; empty for none."""
        return self.system.library.thumb_path(sha256) if sha256 else ""

    def picture(self, sha256: str, form: str) -> str:
        """Address of a whole picture, relative, so that it works behind any host name."""
        return self.system.library.path(f"{sha256}.{form}")
