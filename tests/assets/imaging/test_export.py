"""Platform exports: exact sizes, formats, byte limits, clean files."""

import io
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from app.assets.imaging import jobs
from app.assets.imaging.decode import open_image
from app.assets.imaging.errors import ExportTooLargeError, ImageRefusedError
from app.assets.imaging.export import render
from app.assets.imaging.jobs import export_job, ingest_job, measure_job, thumbnail_job
from app.assets.imaging.presets import Platform, load_platforms
from app.assets.imaging.recent import Recent

PLATFORMS = load_platforms()
WANTED = {
    "web", "web_hero", "instagram_feed", "instagram_square", "instagram_story", "amazon", "tiktok_photo",
    "youtube_thumbnail", "x_post", "linkedin_post", "facebook_post", "shopify_product", "pinterest_pin",
}  # fmt: skip


@pytest.fixture(scope="module")
def noise():
    """A picture no encoder can make small."""
    return Image.fromarray(np.random.default_rng(4).integers(0, 255, (600, 800, 3), np.uint8))


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    """No test finds what another one decoded."""
    monkeypatch.setattr(jobs, "_recent", Recent(2))


def saved(image, form="PNG", **options):
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def reopened(encoded):
    image = Image.open(io.BytesIO(encoded.data))
    image.load()
    return image


def test_every_promised_platform_is_there_and_dated():
    """All platforms ship with rules and a dated source in words."""
    assert set(PLATFORMS) == WANTED
    assert all("2026" in one.source and one.rules and one.title for one in PLATFORMS.values())


def test_platforms_cannot_be_changed_by_one_caller_for_all():
    """Presets are frozen, and the dict is the caller's own."""
    with pytest.raises(ValidationError):
        PLATFORMS["web"].width = 1
    load_platforms().clear()
    assert set(load_platforms()) == WANTED


@pytest.mark.parametrize("key", sorted(WANTED))
def test_exports_have_the_exact_size_format_and_limit(key, noise):
    """Every preset gives its pixels, its format and at most its bytes."""
    platform = PLATFORMS[key]
    image = noise.resize((480, 360), Image.Resampling.BICUBIC)
    encoded = render(image, platform)
    opened = reopened(encoded)
    assert opened.size == (encoded.width, encoded.height)
    assert (encoded.format, opened.format.lower()) == (platform.format, platform.format)
    assert len(encoded.data) <= platform.max_bytes
    assert opened.size == (platform.width, platform.height)
    assert encoded.mime == f"image/{platform.format}"


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_quality_gives_way_before_size(form, noise):
    """A limit that quality can meet leaves the size alone, and uses the limit well."""
    platform = PLATFORMS["web"].model_copy(update={"width": 400, "height": 300, "format": form})
    full = render(noise, platform)
    tight = render(noise, platform.model_copy(update={"max_bytes": int(len(full.data) * 0.8)}))
    assert (tight.width, tight.height) == (400, 300)
    assert 60 <= tight.quality < full.quality
    assert 0.6 < len(tight.data) / len(full.data) <= 0.8


@pytest.mark.parametrize("form", ["jpeg", "webp", "png"])
def test_size_gives_way_when_quality_cannot(form, noise):
    """A limit below what quality 60 reaches shrinks the picture, keeps its shape and says so."""
    platform = PLATFORMS["web"].model_copy(
        update={"width": 400, "height": 300, "format": form, "max_bytes": 12_000}
    )
    encoded = render(noise, platform)
    assert len(encoded.data) <= 12_000
    assert encoded.width < 400
    assert encoded.width / encoded.height == pytest.approx(4 / 3, rel=0.05)
    assert reopened(encoded).size == (encoded.width, encoded.height)


def test_an_impossible_limit_is_an_error_with_facts(noise):
    """When even a tiny picture is too large, the error names platform and limit, over a pool too."""
    platform = PLATFORMS["web"].model_copy(update={"max_bytes": 20})
    with pytest.raises(ExportTooLargeError) as caught:
        render(noise, platform)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.platform, copy.max_bytes) == ("web", 20)


def test_padding_keeps_everything_on_the_background():
    """Amazon gets the whole picture on pure white."""
    encoded = reopened(render(Image.new("RGB", (400, 100), "red"), PLATFORMS["amazon"]))
    assert encoded.getpixel((1000, 20)) == (255, 255, 255)
    assert encoded.getpixel((20, 1000))[1] < 30
    assert encoded.getpixel((1980, 1000))[1] < 30


def test_fit_can_be_overridden():
    """A caller may crop where the preset pads."""
    encoded = reopened(render(Image.new("RGB", (400, 100), "red"), PLATFORMS["amazon"], fit="crop"))
    assert encoded.getpixel((1000, 20))[1] < 30


def test_focus_decides_what_a_crop_keeps():
    """The focus point survives the cut."""
    image = Image.new("RGB", (900, 300), "red")
    image.paste("blue", (0, 0, 300, 300))
    left = reopened(render(image, PLATFORMS["instagram_square"], focus=(0.1, 0.5)))
    assert left.resize((1, 1)).getpixel((0, 0))[2] > 200


@pytest.mark.parametrize(
    ("key", "corner"), [("instagram_square", (255, 255, 255)), ("youtube_thumbnail", (0, 0, 0))]
)
def test_transparency_falls_on_the_background(key, corner):
    """JPEG has no transparency: the platform's background shows instead."""
    encoded = reopened(render(Image.new("RGBA", (300, 300), (0, 0, 0, 0)), PLATFORMS[key], fit="crop"))
    assert np.abs(np.subtract(encoded.getpixel((5, 5)), corner)).max() <= 2


def test_transparency_survives_where_the_format_can_hold_it():
    """A cut WebP stays transparent."""
    encoded = reopened(render(Image.new("RGBA", (300, 300), (9, 9, 9, 0)), PLATFORMS["web"]))
    assert encoded.mode == "RGBA"
    assert encoded.getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("form", ["jpeg", "webp", "png"])
def test_metadata_of_the_original_is_gone_and_ours_is_written(form, noise):
    """Camera, place and prompt are dropped; description and source type are embedded when given."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    data = saved(noise, "JPEG", exif=exif.tobytes(), comment=b"secret prompt")
    platform = PLATFORMS["web"].model_copy(update={"width": 200, "height": 150, "format": form})
    bare = export_job(data, platform)
    told = export_job(data, platform, None, None, "Mug <red> & ✓\x00", "algorithmicMedia")
    assert not any(word in one.data for one in (bare, told) for word in (b"Secret", b"secret"))
    assert b"xmpmeta" not in bare.data
    assert "Mug &lt;red&gt; &amp; ✓<".encode() in told.data
    assert b"http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia" in told.data
    assert reopened(told).size == (200, 150)


def test_thumbnails_fit_the_edge_and_never_grow(noise):
    """A thumbnail keeps the shape, is WebP, and small pictures stay small."""
    small = Image.open(io.BytesIO(thumbnail_job(saved(noise), 128)))
    assert (small.format, small.size) == ("WEBP", (128, 96))
    assert Image.open(io.BytesIO(thumbnail_job(saved(Image.new("RGB", (10, 5)))))).size == (10, 5)


def test_ingest_tells_what_arrived(noise):
    """Format, media type, size as seen, hash of the bytes and a 256 px thumbnail come back."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(noise, "JPEG", exif=exif.tobytes())
    facts = ingest_job(data)
    assert (facts.format, facts.mime, facts.width, facts.height) == ("jpeg", "image/jpeg", 600, 800)
    assert len(facts.sha256) == 64
    assert Image.open(io.BytesIO(facts.thumb)).size == (192, 256)


def test_an_export_tells_of_itself_what_ingesting_it_would(noise):
    """Nobody need decode what was rendered here: format, size, hash and a thumbnail come with the file."""
    soft = noise.resize((40, 30)).resize((800, 600), Image.Resampling.BICUBIC)
    made = export_job(saved(soft), PLATFORMS["instagram_feed"])
    facts = ingest_job(made.data)
    assert (made.format, made.width, made.height) == (facts.format, facts.width, facts.height)
    assert made.sha256 == facts.sha256
    with Image.open(io.BytesIO(made.thumb)) as ours, Image.open(io.BytesIO(facts.thumb)) as theirs:
        assert ours.size == theirs.size
        assert np.abs(np.subtract(ours.convert("RGB"), theirs.convert("RGB"), dtype=int)).mean() < 3


def test_a_picture_is_decoded_once_for_all_that_is_asked_of_it(noise, monkeypatch):
    """Facts, measures and exports share one decoding, and none of them changes it for the next."""
    decoded = []
    monkeypatch.setattr(jobs, "open_image", lambda data: decoded.append(data) or open_image(data))
    data, other = saved(noise), saved(noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    first = [ingest_job(data), measure_job(data), export_job(data, PLATFORMS["web"]).sha256]
    again = [ingest_job(data), measure_job(data), export_job(data, PLATFORMS["web"]).sha256]
    assert first == again
    assert ingest_job(other) != first[0]
    assert decoded == [data, other]


def test_jobs_cross_a_process_pool(noise):
    """Arguments, results and refusals can all be pickled."""
    data = saved(noise.resize((80, 60)))
    platform = PLATFORMS["web"].model_copy(update={"width": 64, "height": 48})
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        encoded = pool.submit(export_job, data, platform, "pad", None, "a", "algorithmicMedia").result(60)
        assert (encoded.width, encoded.height) == (64, 48)
        assert pool.submit(ingest_job, data).result(60).width == 80
        refused = pool.submit(ingest_job, b"<svg/>").exception(60)
    assert isinstance(refused, ImageRefusedError)
    assert refused.reason == "unknown_format"


@pytest.mark.parametrize(
    "change",
    [
        {"width": 8},
        {"format": "gif"},
        {"background": "white"},
        {"max_bytes": 0},
        {"fit": "stretch"},
        {"key": "A b"},
    ],
)
def test_wrong_presets_fail_when_defined(change):
    """A preset with an impossible value is refused with the field's name."""
    with pytest.raises(ValidationError, match=next(iter(change))):
        Platform.model_validate(PLATFORMS["web"].model_dump() | change)
