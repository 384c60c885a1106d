"""Which runs something is done to: the filters that the bulk actions share with the list of runs."""

from typing import Any

from pydantic import Field, model_validator

from app.api.deps import Body
from app.api.problems import FieldProblem, invalid


class WhichRuns(Body):
    """The filters of the list of runs; at least one."""

    workflow: str | None = Field(None, max_length=255)
    status: str | None = Field(None, description="One, or several with commas.")
    caller: str | None = Field(None, max_length=255, description="Name of the caller.")
    project: str | None = Field(None, max_length=255, description="Id or slug.")
    since: str | None = Field(None, description="Accepted at or after, RFC 3339.")
    until: str | None = Field(None, description="Accepted before, RFC 3339.")
    q: str | None = Field(None, max_length=255, description="Id, external id or text of the trigger.")

    def demand_one(self) -> None:
        """Refuse an empty filter: nobody means all runs by saying nothing."""
        if not any(str(value).strip() for value in self.model_dump(exclude_none=True).values()):
            names = ", ".join(type(self).model_fields)
            detail = f"filter must name at least one of {names}"
            raise invalid([FieldProblem("filter", "http.invalid_request", detail, "/filter")])


class Filtered(Body):
    """A bulk action; its filters stand in `filter`, or beside the rest as in the address of the list."""

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("filter", {}), dict):
            return given
        inner = given.get("filter", {})
        which = cls.model_fields["filter"].default_factory
        known = getattr(which, "model_fields", {}).keys() - cls.model_fields.keys() - inner.keys()
        beside = {name: value for name, value in given.items() if name in known}
        if not beside:
            return given
        rest = {name: value for name, value in given.items() if name not in beside}
        return {**rest, "filter": {**inner, **beside}}
