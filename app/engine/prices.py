"""What services ask for a picture, in micro-credits: the built-in ones and connected ones."""

import json

from sqlalchemy import Connection, select

from app.providers.rehearsal import Rehearsal
from app.store.tables import provider
from graphs.pricing import Prices, micro


def prices(connection: Connection, org_id: str) -> Prices:
    """Micro-credits per picture by (provider, model); what an organisation states for itself wins."""
    book = {(Rehearsal.name, model.id): micro(model.price) for model in Rehearsal.models}
    query = select(provider.c.name, provider.c.models).where(provider.c.org_id == org_id)
    for name, models in connection.execute(query):
        book |= {(name, model["id"]): micro(model["price"]) for model in json.loads(models)}
    return book
