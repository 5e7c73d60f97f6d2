"""Compare tenfold with its peers: how many pictures each reads correctly, and how fast (`make bench-real FOLDER=...`).

FOLDER has pictures of digits in folders named 0 to 9; pictures of non-digits in `none`; and lines of handwriting in
`numbers`, where the name of each file begins with its number and `__`, as in `10505__cheque.png`. Without FOLDER, the
pictures are MNIST's test digits as simulated photos, and the private pictures, if they are in a folder next to the
checkout.

Each reader returns a text and its confidence, 0..1, on one thread, with the preprocessing that it read best with of
several that we tried. Readers that are not installed are skipped.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import ctypes
import ctypes.util
import os
import statistics
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold.io.image_files import grey_pixels
from tenfold.synthesis.degradation import simulate_photo

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"  # private pictures, if there are any
DIGIT, LINE, NONE = "digit", "line", "none"  # what a picture shows
REJECTED = "no digit: rejected"
BIAS_NOTE = """The simulated photos favour tenfold and the tutorial's method: their network was trained on MNIST's
training digits on the same simulated paper. These photos show test digits, which it was not trained on."""

Grey = NDArray[np.uint8]
Read = Callable[[Any, bool], tuple[str, float]]  # (a path, bytes or array; whether it is a line) -> (text, confidence)
Pictures = list[tuple[Any, str]]  # each with its digits


class Group(NamedTuple):
    """The pictures of one row of the table, all of one kind: digits, lines or non-digits."""

    name: str
    holds: str
    pictures: Pictures


def main() -> None:
    parser = argparse.ArgumentParser(description="compare tenfold with its peers on pictures")
    parser.add_argument("folder", nargs="?", type=Path, help="pictures in folders 0 to 9, numbers and none")
    parser.add_argument(
        "--limit", type=int, default=500, help="most pictures per row, chosen with a fixed seed (%(default)s)"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    groups = pictures_in(arguments.folder, arguments.limit)
    if not arguments.folder:
        print(BIAS_NOTE)
    readers: dict[str, Read] = {}
    for name, peer in PEERS.items():
        try:
            readers[name] = peer()
        except (ImportError, OSError) as missing:
            print(f"{name} is skipped ({missing}): README.md says how to install it.")
    print_table(groups, readers)


def print_table(groups: list[Group], readers: dict[str, Read]) -> None:
    """Print percent correct (non-digits: rejected) and median ms with decoding, a row per group."""
    print(f"\n{'':20}{'pictures':>9}" + "".join(f"{name:>18}" for name in readers))
    for group in groups:
        cells = []
        for read in readers.values():
            correct, times = [], []
            for picture, label in [group.pictures[0], *group.pictures]:  # the first reading only warms up
                (text, score), started = ("", 0.0), time.perf_counter()
                with suppress(tenfold.TenfoldError):  # the picture cannot be decoded
                    text, score = read(picture, group.holds == LINE)
                times.append(time.perf_counter() - started)
                correct.append(rejects(text, score) if group.holds == NONE else digits_of(text) == label)
            cells.append(f"{100 * statistics.mean(correct[1:]):8.1f} %{1000 * statistics.median(times[1:]):5.1f} ms")
        print(f"{group.name:20}{len(group.pictures):9}" + "".join(cells), flush=True)


def digits_of(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def rejects(text: str, score: float) -> bool:
    """True if an answer of a reader is not a single digit with a confidence of at least 0.5."""
    characters = "".join(filter(str.isalnum, text))
    return score < 0.5 or len(characters) != 1 or not characters.isdecimal()


def by_tenfold() -> Read:
    reader = tenfold.Reader()

    def read(picture: Any, line: bool) -> tuple[str, float]:
        if line:
            return reader.read_number(picture).text, 1.0
        digit = reader.read(picture).digit
        return "" if digit is None else str(digit), 1.0  # it rejects non-digits itself

    return read


def by_tutorial() -> Read:
    """The method of most tutorials: Otsu's threshold, the largest contour scaled to 28 x 28; with tenfold's network."""
    network = tenfold.load_network("digits")

    def read(picture: Any, line: bool) -> tuple[str, float]:
        ink = cv2.threshold(dark_on_light(picture), 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1].astype(np.uint8)
        contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        boxes = sorted((*cv2.boundingRect(contour),) for contour in contours)
        if not boxes:
            return "", 0.0
        tallest = max(height for _, _, _, height in boxes)
        kept = [box for box in boxes if box[3] > tallest / 2] if line else [max(boxes, key=lambda box: box[2] * box[3])]
        rows = network.probabilities([boxed(ink, box) for box in kept])
        return "".join(map(str, rows.argmax(axis=1))), float(rows.max(axis=1).min())

    return read


def boxed(ink: Grey, box: Any) -> Grey:
    """The ink in a box, its longer side scaled to 20, centered in 28 x 28."""
    left, top, width, height = box
    scale = 20 / max(width, height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    across, down = (28 - wide) // 2, (28 - high) // 2
    image = np.zeros((28, 28), np.uint8)
    crop = ink[top : top + height, left : left + width]
    image[down : down + high, across : across + wide] = cv2.resize(crop, (wide, high), interpolation=cv2.INTER_AREA)
    return image


def by_tesseract() -> Read:
    """Tesseract's library, called directly because its program loads the model again for every picture."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    library = ctypes.CDLL(ctypes.util.find_library("tesseract") or "libtesseract.so.5")
    library.TessBaseAPICreate.restype = library.TessBaseAPIGetUTF8Text.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.TessBaseAPICreate())
    if library.TessBaseAPIInit3(handle, None, b"eng"):
        raise OSError("its English model is missing")
    atexit.register(library.TessBaseAPIDelete, handle)
    library.TessBaseAPISetVariable(handle, b"debug_file", os.devnull.encode())
    library.TessBaseAPISetVariable(handle, b"tessedit_char_whitelist", b"0123456789")

    def read(picture: Any, line: bool) -> tuple[str, float]:
        page = padded(binarized(dark_on_light(picture)), height=32, margin=0.25)
        library.TessBaseAPISetPageSegMode(
            handle, 7 if line else 6
        )  # it reads more digits as a block than as one character
        library.TessBaseAPISetImage(handle, page.tobytes(), *page.shape[::-1], 1, page.shape[1])
        library.TessBaseAPISetSourceResolution(handle, 300)
        result = ctypes.c_void_p(library.TessBaseAPIGetUTF8Text(handle))
        text = ctypes.string_at(result).decode()
        library.TessDeleteText(result)
        return text, library.TessBaseAPIMeanTextConf(handle) / 100

    return read


def by_rapidocr(digits_only: bool = False) -> Read:
    """RapidOCR's recognizer on the whole picture, without its detection; its network may be limited to ten digits."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: ONNX Runtime reads it when it is loaded
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")}
    engine = RapidOCR(params=threads | {"Global.log_level": "critical"})
    if digits_only:
        engine(np.full((48, 96, 3), 255, np.uint8), use_det=False, use_cls=False)  # loads the recognizer
        engine.text_rec.postprocess_op = limited_to_digits(engine.text_rec.postprocess_op)

    def read(picture: Any, line: bool) -> tuple[str, float]:
        page = padded(dark_on_light(picture), height=48, margin=0 if line else 0.25)
        result = engine(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False)
        return (result.txts[0], float(result.scores[0])) if result.txts else ("", 0.0)

    return read


def limited_to_digits(decode: Any) -> Callable[..., Any]:
    """A decoder that sees the probabilities of digits and blank only, as a form's field of digits would be read."""
    kept = [0, *(decode.dict[digit] for digit in "0123456789")]  # blank is the first class

    def decode_digits(probabilities: NDArray[np.float32], *arguments: Any, **options: Any) -> Any:
        only = np.zeros_like(probabilities)
        only[..., kept] = probabilities[..., kept]
        return decode(only, *arguments, **options)

    return decode_digits


PEERS: dict[str, Callable[[], Read]] = {
    "tenfold": by_tenfold,
    "tutorial": by_tutorial,
    "Tesseract": by_tesseract,
    "RapidOCR": by_rapidocr,
    "RapidOCR, digits": partial(by_rapidocr, digits_only=True),
}


def dark_on_light(picture: Any) -> Grey:
    """The picture in grayscale, with dark ink on light paper; most of a picture is paper."""
    grey = grey_pixels(picture)
    return 255 - grey if np.median(grey) < grey.mean() else grey


def binarized(grey: Grey) -> Grey:
    """Binarize with a local threshold; small pictures are returned unchanged."""
    side = max(min(grey.shape) // 2 | 1, 3)
    even = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, side, 15)
    return even.astype(np.uint8) if side > 30 else grey


def padded(grey: Grey, height: int, margin: float) -> Grey:
    """The picture scaled to a height in pixels, with a margin of paper that is a fraction of the height."""
    width = max(1, round(grey.shape[1] * height / grey.shape[0]))
    interpolation = cv2.INTER_AREA if height < grey.shape[0] else cv2.INTER_CUBIC
    scaled = cv2.resize(grey, (width, height), interpolation=interpolation).astype(np.uint8)
    return np.pad(scaled, round(margin * height), constant_values=int(np.median(scaled)))


def simulated(count: int) -> Group:
    (_, (images, digits)), rng = tenfold.load_data(), np.random.default_rng(0)
    indices = rng.permutation(len(digits))[:count]
    return Group("simulated photos", DIGIT, [(simulate_photo(images[i], rng), str(digits[i])) for i in indices])


def pictures_in(folder: Path | None, limit: int) -> list[Group]:
    """The pictures of a folder; without one, simulated photos and the private pictures."""
    if folder:
        groups = in_folder(folder)
    else:
        groups = [simulated(300)] + (in_table(REAL) if (REAL / "real.csv").is_file() else [])
    return [group._replace(pictures=sampled(group.pictures, limit)) for group in groups]


def in_folder(folder: Path) -> list[Group]:
    """The pictures of a folder with subfolders 0 to 9, numbers and none."""
    digits = [(file, digit) for digit in "0123456789" for file in sorted(folder.glob(f"{digit}/[!.]*"))]
    numbers = [(file, digits_of(file.name.split("__")[0])) for file in sorted(folder.glob("numbers/[!.]*"))]
    none = [(file, "") for file in sorted(folder.glob("none/[!.]*"))]
    if not digits + numbers + none:
        raise SystemExit(f"{folder} has no pictures: sort them into folders named 0 to 9, numbers and none")
    groups = [Group("digits", DIGIT, digits), Group("numbers", LINE, numbers), Group(REJECTED, NONE, none)]
    return [group for group in groups if group.pictures]


def in_table(root: Path) -> list[Group]:
    """The pictures that `root`/real.csv lists, and the images of its sets."""
    groups: dict[str, Group] = {}
    with (root / "real.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            path, kind = root / row["path"], row["kind"]
            label = "" if kind == "notdigits" else row["label"]
            if kind == "strings" and "_" in label:  # a sheet of several lines
                continue
            line_name = "bank cheques" if "cheque" in row["note"] else "rows of digits"
            if kind == "strings" and path.suffix == ".zip":
                line_name = path.stem
            names = {"sets": (path.stem, DIGIT), "strings": (line_name, LINE), "notdigits": (REJECTED, NONE)}
            name, holds = names.get(kind, (kind, DIGIT))
            pictures = groups.setdefault(name, Group(name, holds, [])).pictures
            if path.suffix == ".npz":
                data = np.load(path, allow_pickle=False)
                labels = [""] * len(data["X"]) if holds == NONE else data["y"]
                pictures += zip(data["X"], map(str, labels), strict=True)
            elif path.suffix == ".zip":
                pictures += in_archive(path, holds)
            else:
                pictures.append((path, label))
    return sorted(groups.values(), key=lambda group: (DIGIT, LINE, NONE).index(group.holds))


def in_archive(path: Path, holds: str) -> Pictures:
    """The pictures of a zip file, whose names begin with the label and `/` or `__`."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        labels = ["" if holds == NONE else digits_of(name.split("/")[0].split("__")[0]) for name in names]
        return [(archive.read(name), label) for name, label in zip(names, labels, strict=True)]


def sampled(pictures: Pictures, limit: int) -> Pictures:
    indices = np.random.default_rng(0).permutation(len(pictures))[:limit]
    return [pictures[i] for i in sorted(indices)]


if __name__ == "__main__":
    main()
