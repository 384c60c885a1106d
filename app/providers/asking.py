"""What the protocols share: prompts, sizes and reference pictures as services take them."""

from collections.abc import Sequence

from app.providers.connection import Connection
from app.providers.contract import Model
from graphs.errors import PermanentError
from graphs.node import GenerationRequest, Json


def model_of(connection: Connection, request: GenerationRequest) -> Model:
    """The model that is asked for.

    Raises:
        PermanentError: The service is not connected with it.
    """
    found = connection.model(request.model)
    if found is None:
        known = ", ".join(each.id for each in connection.models[:10]) or "none"
        raise PermanentError(
            "node.provider_rejected_input",
            f"{connection.name} has no model '{request.model}'; it has {known}",
            field="model",
        )
    if request.reference is not None and not found.reference:
        raise takes_no_reference(found)
    return found


def takes_no_reference(model: Model) -> PermanentError:
    """What is said where a picture would be passed over in silence."""
    return PermanentError(
        "node.provider_rejected_input", f"{model.id} takes no reference picture", field="reference"
    )


def full_prompt(request: GenerationRequest, *, avoid: bool) -> str:
    """The prompt with the style, where it is not in it, and with what to avoid, where no field takes it."""
    parts = [request.prompt]
    if request.style and request.style.lower() not in request.prompt.lower():
        parts.append(f"Style: {request.style}.")
    if avoid and request.negative:
        parts.append(f"Avoid: {request.negative}.")
    return "\n".join(parts)


def nearest_size(width: int, height: int, sizes: Sequence[str]) -> tuple[int, int]:
    """The known size with the nearest shape, then the nearest area; what was asked for when any is known."""
    known = [(int(wide), int(high)) for wide, _, high in (each.partition("x") for each in sizes)]

    def distance(size: tuple[int, int]) -> tuple[float, int]:
        wide, high = size
        shape = wide * height / (high * width)
        return max(shape, 1 / shape), abs(wide * high - width * height)

    return min(known, key=distance, default=(width, height))


def with_parameters(body: Json, parameters: Json) -> Json:
    """The body with the operator's members; null takes one out."""
    return {name: value for name, value in {**body, **parameters}.items() if value is not None}
