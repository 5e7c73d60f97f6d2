"""Measure cold starts, and the time from a picture to an image (`make bench`). Times are medians."""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

import tenfold
from bench_server_load import served
from tenfold.io.image_files import grey_pixels
from tenfold.preprocessing.digit_pipeline import preprocess_file

SEVEN = Path(__file__).parents[1] / "samples" / "7.jpg"
RUNS = 15


def main() -> None:
    print("Starting cold, whole processes\n")
    row("python -c pass (the baseline)", lambda: command("-c", "pass"))
    row("import tenfold", lambda: command("-c", "import tenfold"))
    row("tenfold.load_data()", lambda: command("-c", "import tenfold; tenfold.load_data()"))
    row("tenfold --help", lambda: command("-m", "tenfold", "--help"))
    row("tenfold read samples/7.jpg", lambda: command("-m", "tenfold", "read", str(SEVEN)))
    row("tenfold serve, to its first answer", first_answer)
    print("\nIn a warm process\n")
    inner = "import time, tenfold, numpy; s = time.perf_counter(); tenfold.load_data(); print(time.perf_counter() - s)"
    loads = [float(subprocess.check_output([sys.executable, "-c", inner])) for _ in range(RUNS)]
    print(f"{'tenfold.load_data(), first time':44}{1000 * statistics.median(loads):8.1f} ms")
    with Image.open(SEVEN) as picture:
        small, large = np.asarray(picture.resize((300, 300))), picture.resize((4000, 3000))
    for grain, quality in ((4, 85), (9, 91)):
        data = jpeg(large, grain, quality)
        row(f"decode a 12-megapixel JPEG ({len(data) / 1e6:.1f} MB)", partial(grey_pixels, data))
    row("300 x 300 pixels to an image", lambda: preprocess_file(small))
    row("read a 300 x 300 picture", lambda: tenfold.read(small))


def jpeg(picture: Image.Image, grain: float, quality: int) -> bytes:
    """The bytes of a JPEG file of the picture with random grain, which determines the size of the file."""
    noisy = np.asarray(picture) + np.random.default_rng(0).normal(0, grain, (picture.height, picture.width, 3))
    photo = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(photo, "JPEG", quality=quality)
    return photo.getvalue()


def command(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def first_answer() -> None:
    with served() as (url, _):
        httpx.post(f"{url}/v1/read", content=SEVEN.read_bytes()).raise_for_status()


def row(name: str, work: Callable[[], object]) -> None:
    work()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    print(f"{name:44}{1000 * statistics.median(times):8.1f} ms")


if __name__ == "__main__":
    main()
