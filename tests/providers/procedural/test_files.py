"""The files the model writes, and its instant sibling."""

import io
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from PIL import Image

from app.assets.imaging.jobs import ingest_job, measure_job
from app.providers.procedural.engine import encode_png, paint
from app.providers.procedural.instant import solid
from app.providers.procedural.jobs import paint_job


def reopened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_png_declares_an_algorithm_and_not_a_trained_model():
    """Files carry Software and the IPTC source type; the prompt only if it is handed over."""
    image, painting = paint("cat", "flat", 96, 64, 9)
    plain, described = reopened(encode_png(image, painting)), reopened(encode_png(image, painting, "katze ✓"))
    assert plain.size == (96, 64)
    assert plain.text["Software"].startswith("Sakuga")
    assert "digitalsourcetype/algorithmicMedia" in plain.text["XML:com.adobe.xmp"]
    assert "Description" not in plain.text
    assert described.text["Description"] == "katze ✓"
    assert plain.tobytes() == image.tobytes()


def test_painting_runs_in_a_process_pool():
    """The job takes and returns plain data, and gives the bytes this process would give."""
    asked = ("red mug", "neon", 96, 96, 4)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        data, facts = pool.submit(paint_job, *asked).result(60)
    assert data == paint_job(*asked)[0]
    assert facts["style"] == "neon"
    assert facts["ai_model"] is False


def test_instant_pictures_are_valid_and_of_the_asked_size():
    """An instant picture passes the same door as any other image."""
    ingested = ingest_job(solid("whatever", 1080, 1350, 3))
    assert (ingested.format, ingested.width, ingested.height) == ("png", 1080, 1350)


def test_instant_pictures_would_pass_quality_control():
    """They are neither blank nor blurred, and the eight variants are no near duplicates."""
    measures = [measure_job(solid("", 1024, 1024, seed)) for seed in range(8)]
    assert all(one.sharpness > 100 and one.contrast > 20 and one.entropy > 4 for one in measures)
    assert len({one.dhash for one in measures}) == 8


def test_instant_pictures_repeat_every_eight_seeds():
    """The seed picks one of eight variants; the prompt picks nothing."""
    assert solid("a", 128, 128, 1) == solid("b", 128, 128, 9) != solid("a", 128, 128, 2)


def test_an_instant_picture_costs_next_to_nothing():
    """After its first use a variant is served from memory."""
    solid("", 1024, 1024, 0)
    started = time.process_time()
    for seed in range(0, 8000, 8):
        solid("", 1024, 1024, seed)
    assert (time.process_time() - started) / 1000 < 0.0003
