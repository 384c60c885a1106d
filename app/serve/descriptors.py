"""What the system grants a process: many sockets and files, and no picture of its memory on the disk."""

import resource


def allow_many_files() -> None:
    """Use all the system grants: shells often start programs with 1,024, and a slow service needs 6,000."""
    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if granted != most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def leave_no_core() -> None:
    """A process that crashes leaves no file with all it held, keys among it."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
