"""What the nodes that call other workflows share."""

from typing import Annotated

from pydantic import Field

Slug = Annotated[str, Field(max_length=80, json_schema_extra={"format": "workflow"})]
Name = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
