"""A picture that somebody brings to a page is kept, or it is said why not."""

from nicegui import ui

from app.assets.imaging.errors import ImageRefusedError
from app.assets.library import StoreFailedError
from app.store.pictures import PictureRow
from app.ui.files.doors import Brought
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.visitor import Visitor


async def keep(visitor: Visitor, brought: Brought) -> PictureRow | None:
    """The picture as it is kept now; None where it was refused and the visitor has been told."""
    identity = await visitor.require("assets.write")
    pictures = visitor.house.system.pictures
    try:
        row, _ = await pictures.add(identity, brought.data, brought.name, identity.request_id)
    except ImageRefusedError as error:
        ui.notify(heard(str(error)))
    except StoreFailedError:
        ui.notify(t("The picture could not be stored. Try again."))
    else:
        return row
    return None
