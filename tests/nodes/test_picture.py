"""The Picture node."""

import asyncio

import pytest

from graphs.errors import PermanentError
from graphs.node import Nothing
from nodes.picture import Picture, Settings

ID = "ast_" + "a" * 32


def test_it_hands_on_the_picture_that_was_chosen(ctx):
    """The picture of the setting comes out, as the context finds it."""
    found = asyncio.run(Picture(Settings(asset=ID)).run(Nothing(), ctx))
    assert (found.image.asset_id, found.image.uploaded) == (ID, True)


def test_without_a_picture_nothing_is_tried_again(ctx):
    """A node without a picture fails for good and names its field."""
    with pytest.raises(PermanentError) as refused:
        asyncio.run(Picture(Settings()).run(Nothing(), ctx))
    assert (refused.value.code, refused.value.field) == ("node.input_missing", "asset")


@pytest.mark.parametrize("text", ["ast_1", "../etc/passwd", "ast_" + "A" * 32, ID + "0"])
def test_only_ids_of_pictures_are_settings(text):
    """Whatever is not the id of a picture is refused before anything is looked up."""
    with pytest.raises(ValueError, match="asset"):
        Settings(asset=text)
