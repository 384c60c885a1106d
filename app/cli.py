"""The command `sakuga`. Every body lives elsewhere and is imported when its command is called."""

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

cli = typer.Typer(
    name="sakuga",
    help="Self-hosted workflows for AI images and video, triggered by webhook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
users = typer.Typer(help="People.", no_args_is_help=True)
secrets = typer.Typer(help="Keys that requests of workflows carry.", no_args_is_help=True)
cli.add_typer(keys, name="key")
cli.add_typer(users, name="user")
cli.add_typer(secrets, name="secret")

Key = Annotated[str, typer.Option("--key", envvar="SAKUGA_API_KEY", help="API key.")]
Address = Annotated[
    str, typer.Option("--url", help="Base address; default: SAKUGA_PUBLIC_URL or host and port.")
]
Files = Annotated[list[Path], typer.Argument(help="Workflow files (JSON).")]


def _call(door: str, *arguments: Any, **options: Any) -> Any:
    """Import `module:function` and call it."""
    module, _, function = door.partition(":")
    return getattr(importlib.import_module(module), function)(*arguments, **options)


def _serve(door: str) -> Any:
    """Import the role while the preparation still runs, and start it when the supervisor opens the gate."""
    importlib.import_module(door.partition(":")[0])
    gate = os.environ.get("SAKUGA_START_GATE", "")
    while gate and not Path(gate).exists():
        time.sleep(0.01)
    _call("app.points:arm", os.environ)
    return _call(door)


@cli.command()
def up(
    host: Annotated[str, typer.Option(help="Listen address; as SAKUGA_HOST.")] = "",
    port: Annotated[str, typer.Option(help="Listen port; as SAKUGA_PORT.")] = "",
) -> None:
    """Start everything on this machine: web, workers and, unless REDIS_URL is set, the broker."""
    given = {"SAKUGA_HOST": host, "SAKUGA_PORT": port}
    os.environ.update({name: value for name, value in given.items() if value})
    _call("app.points:arm", os.environ)
    _call("app.serve.up:up", _call("app.serve.destinations:settings_of_role"))


@cli.command()
def web() -> None:
    """Serve the pages and the API (one process)."""
    _serve("app.serve.web:main")


@cli.command()
def api() -> None:
    """Serve the API without the pages (several processes)."""
    _serve("app.serve.web:main_api")


@cli.command()
def worker() -> None:
    """Execute runs."""
    _serve("app.serve.worker:main")


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    _call("app.points:arm", os.environ)
    _call("app.serve.local:migrate")


@cli.command()
def trigger(  # noqa: PLR0917
    slug: Annotated[str, typer.Argument(help="Workflow, as slug or slug@version.")],
    values: Annotated[list[str] | None, typer.Option("--set", help="Field of the body: name=value.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the run to its end.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do and cost.")] = False,
    key: Key = "",
    url: Address = "",
) -> None:
    """Start a run of a workflow."""
    if dry:
        raise typer.Exit(_call("app.serve.client:dry_run", slug, values or [], key=key, url=url))
    raise typer.Exit(_call("app.serve.client:trigger", slug, values or [], wait=wait, key=key, url=url))


@cli.command("import")
def import_(files: Files) -> None:
    """Load workflow files as drafts."""
    _call("app.serve.files:import_files", files)


@cli.command()
def export(slug: Annotated[str, typer.Argument(help="Workflow, as slug or slug@version.")]) -> None:
    """Print a workflow as a file."""
    _call("app.serve.files:export", slug)


@cli.command()
def validate(files: Files) -> None:
    """List every problem of workflow files."""
    _call("app.serve.files:validate", files)


@cli.command()
def load(  # noqa: PLR0917 - typer reads the parameters as options
    slug: Annotated[str, typer.Argument(help="Workflow to trigger.")] = "product-image",
    count: Annotated[int, typer.Option(min=1, max=100_000, help="Triggers in all.")] = 100,
    rate: Annotated[float, typer.Option(min=0.1, max=2000, help="Triggers per second.")] = 20.0,
    values: Annotated[list[str] | None, typer.Option("--set", help="Field of the body: name=value.")] = None,
    key: Key = "",
    url: Address = "",
) -> None:
    """Put a bounded load on one's own server and print what it did."""
    code = _call("app.serve.load:load", slug, values or [], count=count, rate=rate, key=key, url=url)
    raise typer.Exit(code)


@keys.command("create")
def key_create(
    name: Annotated[str, typer.Argument(help="What the key is for.")] = "cli",
    caller: Annotated[str, typer.Option(help="Caller the key belongs to.")] = "default",
) -> None:
    """Make an API key and print it once."""
    _call("app.serve.admin:create_key", name=name, caller=caller)


@secrets.command("set")
def secret_set(
    name: Annotated[str, typer.Argument(help="Name in workflows.")],
    host: Annotated[list[str] | None, typer.Option(help="Host it may be sent to; again for more.")] = None,
) -> None:
    """Keep a secret, or give it a new value, which is read from the standard input."""
    _call("app.serve.secrets:keep", name=name, hosts=host or [])


@secrets.command("list")
def secret_list() -> None:
    """Print names, hosts and the last characters of long values."""
    _call("app.serve.secrets:show")


@secrets.command("delete")
def secret_delete(name: Annotated[str, typer.Argument(help="Name in workflows.")]) -> None:
    """Delete a secret that no published workflow sends."""
    _call("app.serve.secrets:forget", name=name)


@users.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="Address the person signs in with.")],
    role: Annotated[str, typer.Option(help="owner, admin, editor, reviewer, operator or viewer.")] = "editor",
) -> None:
    """Add a person and print a sign-in link."""
    _call("app.serve.admin:create_user", email=email, role=role)


@cli.command()
def doctor() -> None:
    """List every setting (secrets masked) and check what they point to."""
    raise typer.Exit(_call("app.serve.doctor:doctor"))


def main() -> None:
    """Run the command line; an error with an `exit_code` is for the operator and takes one line."""
    try:
        cli()
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is None:
            raise
        sys.stderr.write(f"sakuga: {error}\n")
        sys.exit(code)


if __name__ == "__main__":
    main()
