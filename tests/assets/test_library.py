"""The asset store: by content, once, behind signed and expiring addresses (contract §5)."""

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.assets.darkroom import Darkroom, asset_id
from app.assets.imaging.errors import ImageRefusedError
from app.assets.library import AddressExpiredError, AssetMissingError, Library, StoreFailedError
from app.cpu import CpuPool
from app.providers.procedural.instant import solid
from graphs.errors import OperatorError, PermanentError
from graphs.sockets import Image

PICTURE = solid("a lamp", 320, 200, 7)
DIGEST = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture(scope="module")
def pool():
    pool = CpuPool(1)
    yield pool
    pool.close()


@pytest.fixture
def library(tmp_path, pool):
    return Library((tmp_path / "my assets").as_uri(), b"k" * 32, "https://sakuga.test/", pool, lifetime=1_000)


def address(url):
    """(name, exp, sig) of an address, as the route takes them."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return parts.path.removeprefix("/a/"), query["exp"][0], query["sig"][0]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def image(stored):
    size = {"width": stored.width, "height": stored.height, "bytes": stored.bytes}
    return Image(asset_id=asset_id(stored.sha256), sha256=stored.sha256, format=stored.format, **size)


def test_a_picture_is_stored_once_under_its_content(library, tmp_path):
    """Storing the same bytes again, at the same time too, leaves one file and one thumbnail."""

    async def put():
        return await asyncio.gather(*[library.put(PICTURE) for _ in range(10)])

    stored = asyncio.run(put())
    assert set(stored) == {stored[0]}
    assert (stored[0].sha256, stored[0].width, stored[0].height, stored[0].bytes) == (
        DIGEST,
        320,
        200,
        len(PICTURE),
    )
    place = f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
    assert files(tmp_path / "my assets") == [f"sha256/{place}.{stored[0].format}", f"thumbs/{place}.webp"]
    assert asyncio.run(library.get(DIGEST, stored[0].format)) == PICTURE


def test_another_process_may_have_stored_it_before(library, tmp_path, pool):
    """A second store over the same folder takes what is there."""
    asyncio.run(library.put(PICTURE))
    before = files(tmp_path)
    again = Library((tmp_path / "my assets").as_uri(), b"k" * 32, "https://x", pool)
    assert asyncio.run(again.put(PICTURE)).sha256 == DIGEST
    assert files(tmp_path) == before


def test_what_is_no_picture_is_refused_and_not_kept(library, tmp_path):
    """Bytes that are no picture raise ImageRefusedError and leave nothing behind, every time."""
    for _ in range(2):
        with pytest.raises(ImageRefusedError):
            asyncio.run(library.put(b"<svg onload=alert(1)>"))
    assert files(tmp_path) == []


def test_an_address_opens_without_a_key_until_it_expires(library, monkeypatch):
    """A signed address gives bytes and media type; one second after its expiry only that it has expired."""
    stored = asyncio.run(library.put(PICTURE))
    url = library.url(stored.sha256, stored.format)
    assert url.startswith(f"https://sakuga.test/a/{DIGEST}.{stored.format}?exp=")
    data, mime = library.open(*address(url))
    assert (data, mime) == (PICTURE, f"image/{stored.format}")
    old = library.url(stored.sha256, stored.format, now=1_000_000)
    with pytest.raises(AddressExpiredError):
        library.open(*address(old))
    thumb, mime = library.open(*address("https://x" + library.thumb_path(DIGEST)))
    assert (thumb[:4], mime) == (b"RIFF", "image/webp")


@pytest.mark.parametrize(
    ("name", "expires", "signature"),
    [
        (None, None, "0" * 32),
        (None, None, ""),
        (None, None, "é" * 32),
        (None, "99999999999", None),
        (None, "²", None),
        (None, "-1", None),
        (None, "", None),
        (None, "9" * 5_000, None),
        ("../../etc/passwd.png", None, None),
        ("a" * 64 + ".png", None, None),
        (DIGEST + ".svg", None, None),
        (DIGEST, None, None),
        ("." * 64 + ".png", None, None),
    ],
)
def test_a_changed_address_opens_nothing(library, name, expires, signature):
    """Whatever part of an address is changed, the answer is the same: there is nothing."""
    stored = asyncio.run(library.put(PICTURE))
    good = address(library.url(stored.sha256, stored.format))
    given = [
        new if new is not None else old for new, old in zip((name, expires, signature), good, strict=True)
    ]
    with pytest.raises(AssetMissingError):
        library.open(*given)


def test_a_signed_address_of_a_lost_file_says_missing(library, tmp_path):
    """A file that is gone is missing, not an error of another kind."""
    stored = asyncio.run(library.put(PICTURE))
    for path in (tmp_path / "my assets").rglob("*.*"):
        path.unlink()
    with pytest.raises(AssetMissingError):
        library.open(*address(library.url(stored.sha256, stored.format)))
    with pytest.raises(AssetMissingError):
        asyncio.run(library.get(stored.sha256, stored.format))


def test_another_secret_signs_other_addresses(library, tmp_path, pool):
    """An address signed with another secret opens nothing."""
    stored = asyncio.run(library.put(PICTURE))
    other = Library((tmp_path / "my assets").as_uri(), b"o" * 32, "https://sakuga.test", pool)
    with pytest.raises(AssetMissingError):
        library.open(*address(other.url(stored.sha256, stored.format)))


def test_a_store_that_takes_nothing_says_so(library, tmp_path):
    """When the folder cannot be written the caller gets StoreFailedError; it works again once it can."""
    (tmp_path / "my assets" / "sha256").write_bytes(b"a file where a folder belongs")
    with pytest.raises(StoreFailedError):
        asyncio.run(library.put(PICTURE))
    (tmp_path / "my assets" / "sha256").unlink()
    assert asyncio.run(library.put(PICTURE)).sha256 == DIGEST


def test_a_full_store_is_the_operators(library, pool):
    """A variant that the store does not take ends in node.storage_full, not in an error of our own."""
    stored = asyncio.run(library.put(PICTURE))

    async def refuse(made):
        raise StoreFailedError

    library.put_made = refuse
    with pytest.raises(OperatorError) as full:
        asyncio.run(Darkroom(library, pool).export(image(stored), "web", {}))
    assert full.value.code == "node.storage_full"


def test_the_darkroom_answers_the_same_question_once(library, pool):
    """Measuring the same picture again asks no process again; a variant is stored like any picture."""
    asked = []

    class Counted(CpuPool):
        async def run(self, job, *args):
            asked.append(job.__name__)
            return await pool.run(job, *args)

    darkroom = Darkroom(library, Counted())

    async def ask():
        picture = image(await library.put(PICTURE))
        first, second = await asyncio.gather(darkroom.measure(picture), darkroom.measure(picture))
        variant = await darkroom.export(picture, "instagram_feed", {})
        again = await darkroom.export(picture, "instagram_feed", {})
        return first, second, variant, again

    first, second, variant, again = asyncio.run(ask())
    assert (first["width"], first["height"]) == (320, 200)
    assert first == second
    assert variant == again
    assert asked == ["measure_job", "export_job"]
    assert (variant.width, variant.height, variant.platform_code) == (1080, 1350, "instagram_feed")
    assert asyncio.run(library.get(variant.sha256, variant.format))


def test_the_darkroom_speaks_in_errors_of_the_contract(library, pool, tmp_path):
    """A lost asset is the operator's, a file that became unreadable is refused for good."""
    darkroom = Darkroom(library, pool)
    lost = Image(asset_id="ast_x", sha256="0" * 64, format="png", width=1, height=1, bytes=1)
    with pytest.raises(OperatorError) as missing:
        asyncio.run(darkroom.measure(lost))
    assert missing.value.code == "node.input_missing"
    stored = asyncio.run(library.put(PICTURE))
    next((tmp_path / "my assets" / "sha256").rglob(f"{DIGEST}.*")).write_bytes(b"damaged")
    with pytest.raises(PermanentError) as refused:
        asyncio.run(darkroom.measure(image(stored)))
    assert refused.value.code == "node.asset_type_refused"
