"""How many sockets and files a process may have open."""

import resource


def allow_many_files() -> None:
    """Use all the system grants: shells often start programs with 1,024, and a slow service needs 6,000."""
    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if granted != most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
