"""Prompt builder (S25): business words in, a complete prompt out."""

from pydantic import BaseModel, Field, field_validator

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node, Socket
from graphs.sockets import Prompt, Style
from nodes.template import MissingValueError, cut, parse


class Settings(node.Settings):
    template: str = Field(
        "{{subject}}",
        min_length=1,
        max_length=4000,
        description="Text of the prompt. {{name}} makes an input of that name; {{name|text}} has a default.",
        json_schema_extra={"format": "textarea"},
    )
    negative: str = Field(
        "",
        max_length=4000,
        description="What the picture shall not show; placeholders work here too.",
        json_schema_extra={"format": "textarea"},
    )
    max_length: int = Field(
        2000, ge=64, le=8000, description="Longest prompt in characters; a longer one is cut after a word."
    )

    @field_validator("template", "negative")
    @classmethod
    def _readable(cls, text: str) -> str:
        parse(text)
        return text


class Inputs(node.Open):
    style: Style | None = Field(
        None, description="Style whose words are put at {{style}}, or else added at the end."
    )

    @field_validator("style", mode="before")
    @classmethod
    def _from_words(cls, value: object) -> object:
        return Style(key="", positive=str(value)) if isinstance(value, str | int | float) else value


class Outputs(BaseModel):
    prompt: Prompt = Field(description="What to draw and what to avoid.")
    text: str = Field(description="The finished prompt as plain text.")


class PromptBuilder(Node[Settings, Inputs, Outputs]):
    """Write the prompt once; every run fills in its own words.

    Each {{placeholder}} of the template becomes an input. A value is put in as it is and never read as
    a template, and white space is collapsed. A style adds its words, lighting and palette to the prompt
    and its exclusions to the negative prompt.
    """

    kind = "prompt_builder"
    title = "Prompt builder"
    group = "Prompt"
    icon = "edit_note"

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One text input per placeholder, in the order of the text, then the style."""
        required: dict[str, bool] = {}
        for placeholder in parse(settings.template).placeholders + parse(settings.negative).placeholders:
            name = placeholder.name
            required[name] = required.get(name, False) or placeholder.default is None
        # A template that says {{style}} may get plain words there instead of a preset.
        style = "Any" if required.pop("style", None) is not None else "Style"
        texts = (Socket(name, "Text", need, f"Text for {{{{{name}}}}}.") for name, need in required.items())
        return (*texts, Socket("style", style, False, Inputs.model_fields["style"].description or ""))

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        style = inputs.style
        values = {name: str(value) for name, value in (inputs.model_extra or {}).items() if value is not None}
        values["style"] = _words(style) if style else ""
        positive = self._render(self.settings.template, values)
        negative = self._render(self.settings.negative, values)
        if style:
            placed = any(part.name == "style" for part in parse(self.settings.template).placeholders)
            positive = positive if placed else _joined(positive, values["style"])
            negative = _joined(negative, style.negative)
        positive, negative = (cut(text, self.settings.max_length) for text in (positive, negative))
        return Outputs(prompt=Prompt(positive=positive, negative=negative), text=positive)

    def _render(self, template: str, values: dict[str, str]) -> str:
        try:
            return parse(template).render(values, optional=("style",)).strip(" ,")
        except MissingValueError as error:
            raise PermanentError(
                "node.input_missing",
                f"The prompt needs a value for '{error.name}'; send one, or give it a default.",
                field=error.name,
            ) from error


def _words(style: Style) -> str:
    palette = f"colour palette {' '.join(style.palette)}" if style.palette else ""
    # A brand's name in a prompt makes models draw lettering.
    brand = (value for key, value in sorted(style.brand.items()) if key != "name")
    return _joined(style.positive, style.lighting, palette, *brand)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in (part.strip(" ,") for part in parts) if part)
