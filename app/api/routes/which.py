"""Which runs something is done to: the filters that the bulk actions share with the list of runs."""

from pydantic import Field

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
        if not self.model_dump(exclude_none=True):
            names = ", ".join(type(self).model_fields)
            detail = f"filter must name at least one of {names}"
            raise invalid([FieldProblem("filter", "http.invalid_request", detail, "/filter")])
