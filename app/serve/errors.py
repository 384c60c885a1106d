"""What stops a command: one line for the operator and an exit code, never a stack."""

from pathlib import Path


class OperatorError(Exception):
    """Something an operator has to put right; the text says what."""

    exit_code = 2


class FolderInUseError(OperatorError):
    """Another instance holds the data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{folder} is in use by {holder}; stop it first, or set SAKUGA_DATA_DIR to another folder"
        )
        self.folder = folder
        self.pid = pid


class FolderNotWritableError(OperatorError):
    """The data folder cannot be made or written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"SAKUGA_DATA_DIR: cannot write to {folder} ({reason}); choose a folder you own")
        self.folder = folder
        self.reason = reason


class PortTakenError(OperatorError):
    """The port is used by another program, or is not for this user."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"SAKUGA_PORT: cannot listen on {host}:{port} ({reason});"
            " choose another port with --port or SAKUGA_PORT"
        )
        self.host = host
        self.port = port


class ForeignAddressError(OperatorError):
    """The listen address is none of this machine's."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"SAKUGA_HOST: cannot listen on {host}:{port} ({reason});"
            " choose an address of this machine with --host or SAKUGA_HOST"
        )
        self.host = host
        self.port = port


class BrokerMissingError(OperatorError):
    """No embedded broker for this platform and none on PATH."""

    def __init__(self) -> None:
        super().__init__(
            "REDIS_URL: no embedded broker for this platform, and neither valkey-server nor redis-server"
            " is on PATH; install one or set REDIS_URL"
        )


class BrokerFailedError(OperatorError):
    """The embedded broker ended or stayed silent."""

    exit_code = 1

    def __init__(self, log: Path) -> None:
        super().__init__(
            f"the embedded broker did not start; see {log}. It holds nothing that cannot be rebuilt:"
            f" if its files are damaged, remove {log.parent} and start again"
        )
        self.log = log


class SocketFolderError(OperatorError):
    """The folder for the broker's socket is not safely ours."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} exists but belongs to someone else; remove it, or use another SAKUGA_DATA_DIR"
        )
        self.folder = folder
