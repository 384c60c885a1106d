"""Picture: one that people brought, or that an earlier run made, goes into the graph."""

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node
from graphs.pictures import PictureId
from graphs.sockets import Image


class Settings(node.Settings):
    asset: PictureId = Field("", description="The picture to use.")


class Outputs(BaseModel):
    image: Image = Field(description="The picture.")


class Picture(Node[Settings, node.Nothing, Outputs]):
    """Use a picture of your own: a product photo, a reference, a logo.

    Drop a file on the canvas, paste one, or choose among the uploads and what earlier runs made. Link it to
    a generator as its reference, to quality control, or to an export.
    """

    kind = "picture"
    title = "Picture"
    group = "Input"
    icon = "image"

    async def run(self, inputs: node.Nothing, context: Context) -> Outputs:
        if not self.settings.asset:
            raise PermanentError("node.input_missing", "The node has no picture yet.", field="asset")
        return Outputs(image=await context.assets.picture(self.settings.asset))
