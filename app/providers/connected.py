"""What every connected service says of itself, whatever its protocol is."""

from app.providers.connection import Connection
from app.providers.contract import Model
from app.providers.wire import Wire


class Connected:
    """A service reached over a connection; its protocol is a subclass."""

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    @property
    def name(self) -> str:
        return self._connection.name

    @property
    def title(self) -> str:
        return self._connection.name

    @property
    def models(self) -> tuple[Model, ...]:
        return self._connection.models
