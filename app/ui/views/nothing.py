"""What is shown where nothing is."""

from fastapi import Request, Response
from nicegui import ui

from app.api.context import call_in
from app.api.problems import ProblemError, render
from app.ui.lang.say import t
from app.ui.parts.base import link_button
from app.ui.parts.show import card, empty
from app.ui.shell import frame
from app.ui.visitor import Visitor


async def show(visitor: Visitor, path: str, _: object) -> None:
    """The page for an address that there is not."""
    not_found(
        visitor,
        "",
        t("Nothing here"),
        t("There is no page at /{path}.", path=path[:100]),
        (t("Workflows"), "/workflows"),
    )


def for_strangers(request: Request) -> Response:
    """The answer where nobody had to sign in: no page, which would tell a stranger more than that."""
    problem = ProblemError("http.not_found", "there is nothing at this address")
    status, body, headers = render(problem, call_in(request.scope))
    return Response(body, status, headers)


def not_found(visitor: Visitor, here: str, title: str, detail: str, way_on: tuple[str, str]) -> None:
    """A page that says what is missing and where to go on; answers 404."""
    ui.context.client.status_code = 404
    with frame(visitor, here, title), card(), empty("o_search_off", title, detail):
        link_button(*way_on)
