"""Metadata (S57 to S60): alt text, caption, file name, title and keywords, by fixed rules."""

from pydantic import BaseModel, Field, field_validator

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node
from graphs.sockets import Image, Style
from nodes import seo
from nodes.presets import styles
from nodes.template import parse


class Settings(node.Settings):
    brand: str = Field("", max_length=80, description="Brand named when neither input nor style names one.")
    caption: str = Field(
        "",
        max_length=500,
        description="Own caption with {{subject}}, {{category}}, {{brand}}, {{style}}, {{colours}} and "
        "{{platform}}; empty writes a plain sentence.",
    )
    caption_length: int = Field(
        220, ge=40, le=2200, description="Longest caption in characters; a platform's own limit comes on top."
    )
    describe_colours: bool = Field(True, description="Name the main colours of each picture.")

    @field_validator("caption")
    @classmethod
    def _known_names(cls, text: str) -> str:
        names = seo.Facts.__slots__
        for placeholder in parse(text).placeholders:
            if placeholder.name not in names:
                raise ValueError(f"'{placeholder.name}' is unknown; there are {', '.join(names)}")
        return text


class Inputs(BaseModel):
    images: list[Image] = Field(description="The pictures to describe.")
    subject: str = Field(description="What the pictures show, usually the product's name.")
    category: str | None = Field(None, description="Kind of thing, such as home or footwear.")
    brand: str | None = Field(None, description="Brand to name.")
    style: Style | None = Field(None, description="Style to name; else the one each picture was made in.")


class Outputs(BaseModel):
    images: list[Image] = Field(description="The pictures with alt text, caption and file name.")
    title: str = Field(description="Title of the whole.")
    keywords: list[str] = Field(description="Keywords, the most specific first.")


class Metadata(Node[Settings, Inputs, Outputs]):
    """Describe every picture for people and search engines.

    Writes an alt text (125 characters at most), a caption and a file name such as
    `lumiere-amber-candle-studio-web-1600x1200-1a2b3c4d.webp` from what is known: product, brand, style,
    main colours, platform and size. The same facts always give the same words, and none is invented.
    """

    kind = "metadata"
    title = "Metadata"
    group = "Output"
    icon = "sell"

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        if not inputs.images:
            raise PermanentError("node.input_missing", "There is no picture to describe.", field="images")
        images, facts = [], []
        for image in inputs.images:
            facts.append(await self._facts(image, inputs, context))
            images.append(self._described(image, facts[-1], inputs))
        return Outputs(images=images, title=seo.title(facts[0]), keywords=seo.keywords(facts[0]))

    async def _facts(self, image: Image, inputs: Inputs, context: Context) -> seo.Facts:
        measured = await context.assets.measure(image) if self.settings.describe_colours else {}
        in_style = inputs.style.brand.get("name", "") if inputs.style else ""
        brand = inputs.brand or in_style or self.settings.brand
        return seo.Facts(
            subject=_plain(inputs.subject),
            category=_plain(inputs.category or ""),
            brand=_plain(brand),
            style=_style_title(inputs.style, image),
            colours=seo.colours_in_words(measured.get("colours", ())),
            platform=image.platform_code or "",
        )

    def _described(self, image: Image, facts: seo.Facts, inputs: Inputs) -> Image:
        variant = image.style or (inputs.style.key if inputs.style else "")
        return image.model_copy(
            update={
                "alt_text": seo.alt_text(facts),
                "caption": seo.caption(facts, self.settings.caption, self.settings.caption_length),
                "filename_suggestion": seo.filename(facts, image, variant),
            }
        )


def _plain(text: str) -> str:
    return " ".join(text.split())


def _style_title(style: Style | None, image: Image) -> str:
    if style:
        return style.title or style.key
    shipped = styles().get(image.style)
    return shipped.title if shipped else image.style
