"""The preparation of a start: schema, first organisation and key, example workflows; prints facts as JSON."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import app
import nodes
from app import anchor
from app.identity.bootstrap import Bootstrap, ensure
from app.identity.vault import Vault
from app.points import Point, arm, reached
from app.serve.errors import OperatorError
from app.serve.local import reachable
from app.settings import Settings, load_settings
from app.store import audit
from app.store.database import Database
from app.store.migrate import migrate
from app.workflows.facts import installed
from app.workflows.presets import note_presets
from app.workflows.service import WorkflowService
from graphs.catalogue import discover
from graphs.kinds import SPAWNING

EXAMPLES = Path(app.__file__).parent.parent / "examples"


def main() -> None:
    """The child that ``sakuga up`` runs before it opens the gate."""
    settings = load_settings()
    arm(os.environ)
    anchor.start(settings.data_dir)
    try:
        with reachable():
            facts = prepare(settings)
    except OperatorError as error:
        sys.stderr.write(f"sakuga: {error}\n")
        sys.exit(error.exit_code)
    sys.stdout.write(json.dumps(facts) + "\n")


def prepare(settings: Settings) -> dict[str, str]:
    """Make the database ready; returns what people need to know: sign-in link, first key, a curl."""
    database = Database(settings.database_url_resolved)
    try:
        with database.alone("preparation"):
            migrate(database)
            note_presets(database)
            made = ensure(database, settings, Vault(settings.secret_key_resolved))
            if made.created or _untouched(database, made.org_id):
                load_examples(WorkflowService(database, discover(nodes), installed()), made.org_id)
    finally:
        database.close()
    reached(Point.PREPARED)
    return _facts(settings, made)


def load_examples(workflows: WorkflowService, org_id: str) -> list[str]:
    """Publish every example that is not there yet as version 1; returns their slugs."""
    slugs = []
    known = {each.slug: each.published for each in workflows.list(org_id, archived=True)}
    for path, graph in _examples():
        if path.stem not in known:
            workflows.create(org_id, path.stem, graph["name"], graph)
        if known.get(path.stem) is None:
            workflows.publish(org_id, path.stem, "example")
        slugs.append(path.stem)
        reached(Point.EXAMPLE_PUBLISHED)
    return slugs


def _examples() -> list[tuple[Path, dict[str, Any]]]:
    """The example graphs; what is called comes before what calls it."""
    paths = [path for path in sorted(EXAMPLES.glob("*.json")) if not path.name.endswith(".payload.json")]
    found = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    return sorted(found, key=lambda each: any(node["type"] in SPAWNING for node in each[1]["nodes"]))


def _untouched(database: Database, org_id: str) -> bool:
    """Whether nobody has done anything here: what a start that was cut off left out is still wanted."""
    with database.read() as connection:
        return not audit.others_than(connection, org_id, "system")


def _facts(settings: Settings, made: Bootstrap) -> dict[str, str]:
    facts = {"login_url": f"{settings.public_url}/login?token={made.token}"}
    if made.api_key:
        facts["api_key"] = made.api_key
    facts["curl"] = curl(settings.public_url, made.api_key or settings.bootstrap_key or "$SAKUGA_API_KEY")
    return facts


def curl(base: str, key: str) -> str:
    """The command that makes a first picture and sends the callback to the built-in inbox."""
    body = {
        "product_id": "SKU-1001",
        "product_name": "Amber glass perfume bottle",
        "product_category": "fragrance",
        "target_style": "studio",
        "target_platform": "instagram_feed",
        "callback_url": f"{base}/v1/inbox/first",
    }
    return (
        f"curl -X POST {base}/v1/hooks/product-image \\\n"
        f'  -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\\n'
        f"  -d '{json.dumps(body)}'"
    )


if __name__ == "__main__":
    main()
