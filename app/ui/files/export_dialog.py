"""A graph as a file: the draft or any version."""

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.files.routes import draft_file, version_file
from app.ui.forms.fields import select_input
from app.ui.lang.say import t
from app.ui.parts.base import button, text
from app.ui.parts.show import banner, dialog
from graphs.secrets import PASTED

_DRAFT = 0


async def export_dialog(desk: Desk) -> None:
    """Choose what to download."""
    service = desk.visitor.house.system.workflows
    infos = await desk.visitor.call(service.versions, desk.visitor.org_id, desk.slug)
    options = {
        _DRAFT: t("Draft"),
        **{each.number: t("Version {number}", number=each.number) for each in infos},
    }
    with dialog(t("Export as file"), size="narrow") as (window, foot):
        chosen = select_input(t("What"), options, _DRAFT)
        about = t(
            "The file has names of services, never their credentials. Drop it on the workflows to open it."
        )
        text(about, "sk-muted", tag="p")
        if any(each["code"] == PASTED for each in desk.judged.problems):
            banner(
                "warn",
                "o_key",
                t("The draft has a key in plain sight"),
                t("It goes along with the file. Move it to a secret first: the list of problems says where."),
            )

        async def download() -> None:
            if chosen.value == _DRAFT:
                await desk.flush()
            number = int(chosen.value)
            ui.download.from_url(version_file(desk.slug, number) if number else draft_file(desk.slug))
            window.close()

        with foot:
            button(t("Cancel"), window.close, kind="ghost")
            button(t("Download"), download, kind="primary", icon="o_download")
    window.open()
