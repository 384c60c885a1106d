"""The web role: pages and API in one process; the api role: the API alone, as many processes as wanted."""

import logging
import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI

from app import anchor
from app.api.application import build_api
from app.logs import configure
from app.serve.alone import is_supervised, provided
from app.serve.banner import banner
from app.serve.bootstrap import prepare
from app.serve.claims import cannot_listen, check_port
from app.serve.descriptors import allow_many_files, leave_no_core
from app.serve.local import reachable
from app.serve.memory import settle_memory, take_short_turns
from app.serve.protocol import connections_of
from app.settings import Settings
from app.ui.pages import mount
from app.wiring import build_web

_STOP_SECONDS = 3


def main() -> None:
    """Serve pages and API until SIGTERM or SIGINT."""
    with provided() as settings:
        _prepare("web", settings)
        system = build_web(settings)
        app = build_api(system)
        mount(app, system)
        try:
            _run(_server(app, settings))
        finally:
            system.engine.close()


def main_api() -> None:
    """Serve the API without pages; several processes may share the address."""
    with provided() as settings:
        _prepare("api", settings)
        system = build_web(settings)
        with _shared_socket(settings) as listener:
            try:
                _run(_server(build_api(system), settings), [listener])
            finally:
                system.engine.close()


def _run(server: uvicorn.Server, listeners: list[socket.socket] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then come back.

    Once it is down uvicorn raises the signal again, for handlers that were there before: without one that
    would be the end of the process, and of what its callers still have to put in order.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=listeners)


def _prepare(role: str, settings: Settings) -> None:
    """Logs and clocks; a role that was started alone also makes the database ready, as `sakuga up` does."""
    configure(settings.log_level, role)
    allow_many_files()
    leave_no_core()
    anchor.start(settings.data_dir)
    if not is_supervised():
        if role == "web":
            check_port(settings.host, settings.port)
        else:
            _shared_socket(settings).close()
        with reachable():
            facts = prepare(settings)
        sys.stderr.write(banner(settings.public_url, facts))


def _is_news(record: logging.LogRecord) -> bool:
    # said of every socket that is refused with a document, which is an answer like any other
    return "without completing handshake" not in str(record.msg)


def _server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    settle_memory()
    take_short_turns()
    # no access log: page addresses carry the client ids that NiceGUI's socket trusts
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            log_level="warning",
            http=connections_of(settings.public_url),
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=_STOP_SECONDS,
            ws_max_size=1 << 20,
        )
    )


def _shared_socket(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise cannot_listen(settings.host, settings.port, error) from error
    return listener


if __name__ == "__main__":
    main()
