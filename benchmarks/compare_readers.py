"""How many pictures tenfold and its peers read right, and how fast: `make bench-real FOLDER=...` prints this table.

FOLDER holds pictures in folders named 0 to 9 by their digit; pictures that are no digit in `none`; and lines of
handwriting in `numbers`, each file named by its number up to `__`, as `10505__cheque.png`. Without FOLDER the pictures
are MNIST's test digits on simulated paper, and the private ones, where they lie beside the checkout.

Each reader answers a picture with a text and how sure it is of it, 0..1. Every one has one thread and the preparation
that it read best with of several; those that are not installed are left out.
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
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold.io.image_files import grey_pixels
from tenfold.synthesis.degradation import simulate_photo

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"  # private pictures, where they lie beside the checkout
DIGIT, LINE, NONE = "digit", "line", "none"  # what a picture holds
REFUSED = "no digit: refused"
AT_HOME = """The simulated photos favour tenfold and the tutorial's route: their network was trained on MNIST's training
digits on the same simulated paper. These are test digits, which it has not seen."""

Grey = NDArray[np.uint8]
Read = Callable[[Any, bool], tuple[str, float]]  # (a path, bytes or an array; whether it is a line) -> (text, sureness)
Pictures = list[tuple[Any, str]]  # each with the digits in it


class Group(NamedTuple):
    """The pictures of one row of the table, all of which hold the same."""

    name: str
    holds: str
    pictures: Pictures


def main() -> None:
    parser = argparse.ArgumentParser(description="tenfold beside its peers, on pictures")
    parser.add_argument("folder", nargs="?", type=Path, help="pictures in folders 0 to 9, numbers and none")
    parser.add_argument("--limit", type=int, default=500, help="pictures a row, picked with a fixed seed")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    groups = pictures_in(arguments.folder, arguments.limit)
    if not arguments.folder:
        print(AT_HOME)
    readers: dict[str, Read] = {}
    for name, peer in PEERS.items():
        try:
            readers[name] = peer()
        except (ImportError, OSError) as missing:
            print(f"{name} is left out ({missing}): README.md says how to install it.")
    print_table(groups, readers)


def print_table(groups: list[Group], readers: dict[str, Read]) -> None:
    """Percent right (without a digit: refused) and median ms with decoding, a line a group, two columns a reader."""
    print(f"\n{'':20}{'pictures':>9}" + "".join(f"{name:>18}" for name in readers))
    for group in groups:
        cells = []
        for read in readers.values():
            right, times = [], []
            for picture, label in [group.pictures[0], *group.pictures]:  # the first time only warms up
                (text, score), started = ("", 0.0), time.perf_counter()
                with suppress(tenfold.TenfoldError):  # it cannot be decoded
                    text, score = read(picture, group.holds == LINE)
                times.append(time.perf_counter() - started)
                right.append(refuses(text, score) if group.holds == NONE else digits_of(text) == label)
            cells.append(f"{100 * statistics.mean(right[1:]):8.1f} %{1000 * statistics.median(times[1:]):5.1f} ms")
        print(f"{group.name:20}{len(group.pictures):9}" + "".join(cells), flush=True)


def digits_of(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def refuses(text: str, score: float) -> bool:
    """Whether a reader that answered so did not take the picture for one digit."""
    written = "".join(filter(str.isalnum, text))
    return score < 0.5 or len(written) != 1 or not written.isdecimal()


def by_tenfold() -> Read:
    reader = tenfold.Reader()

    def read(picture: Any, line: bool) -> tuple[str, float]:
        if line:
            return reader.read_number(picture).text, 1.0
        digit = reader.read(picture).digit
        return "" if digit is None else str(digit), 1.0  # it says itself what is no digit

    return read


def by_tutorial() -> Read:
    """What most tutorials do: Otsu's threshold, the largest contour scaled to 28 x 28; with tenfold's network."""
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
    """The ink in a box, its longer side scaled to 20, in the middle of 28 x 28."""
    left, top, width, height = box
    scale = 20 / max(width, height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    across, down = (28 - wide) // 2, (28 - high) // 2
    image = np.zeros((28, 28), np.uint8)
    crop = ink[top : top + height, left : left + width]
    image[down : down + high, across : across + wide] = cv2.resize(crop, (wide, high), interpolation=cv2.INTER_AREA)
    return image


def by_tesseract() -> Read:
    """Tesseract's library, called directly: its program would load the model again for every picture."""
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
        page = padded(evened(dark_on_light(picture)), height=32, margin=0.25)
        library.TessBaseAPISetPageSegMode(handle, 7 if line else 6)  # as a block it reads more than as one character
        library.TessBaseAPISetImage(handle, page.tobytes(), *page.shape[::-1], 1, page.shape[1])
        library.TessBaseAPISetSourceResolution(handle, 300)
        found = ctypes.c_void_p(library.TessBaseAPIGetUTF8Text(handle))
        text = ctypes.string_at(found).decode()
        library.TessDeleteText(found)
        return text, library.TessBaseAPIMeanTextConf(handle) / 100

    return read


def by_rapidocr() -> Read:
    """RapidOCR's recogniser, given the whole picture."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")}
    engine = RapidOCR(params=threads | {"Global.log_level": "critical"})

    def read(picture: Any, line: bool) -> tuple[str, float]:
        page = padded(dark_on_light(picture), height=48, margin=0 if line else 0.25)
        result = engine(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False)
        return (result.txts[0], float(result.scores[0])) if result.txts else ("", 0.0)

    return read


PEERS = {"tenfold": by_tenfold, "tutorial": by_tutorial, "Tesseract": by_tesseract, "RapidOCR": by_rapidocr}


def dark_on_light(picture: Any) -> Grey:
    """The picture in grey, its ink darker than its paper; most of a picture is paper."""
    grey = grey_pixels(picture)
    return 255 - grey if np.median(grey) < grey.mean() else grey


def evened(grey: Grey) -> Grey:
    """Black ink on white paper, whatever the light; a small picture as it is."""
    side = max(min(grey.shape) // 2 | 1, 3)
    even = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, side, 15)
    return even.astype(np.uint8) if side > 30 else grey


def padded(grey: Grey, height: int, margin: float) -> Grey:
    """The picture scaled to a height in pixels, with a margin of paper that is a share of it."""
    width = max(1, round(grey.shape[1] * height / grey.shape[0]))
    how = cv2.INTER_AREA if height < grey.shape[0] else cv2.INTER_CUBIC
    scaled = cv2.resize(grey, (width, height), interpolation=how).astype(np.uint8)
    return np.pad(scaled, round(margin * height), constant_values=int(np.median(scaled)))


def simulated(count: int) -> Group:
    (_, (images, digits)), rng = tenfold.load_data(), np.random.default_rng(0)
    chosen = rng.permutation(len(digits))[:count]
    return Group("simulated photos", DIGIT, [(simulate_photo(images[i], rng), str(digits[i])) for i in chosen])


def pictures_in(folder: Path | None, limit: int) -> list[Group]:
    """The pictures of a folder, or without one those made up and those that lie beside the checkout."""
    if folder:
        groups = in_folder(folder)
    else:
        groups = [simulated(300)] + (in_table(REAL) if (REAL / "real.csv").is_file() else [])
    return [group._replace(pictures=picked(group.pictures, limit)) for group in groups]


def in_folder(folder: Path) -> list[Group]:
    """The pictures of a folder that is sorted by digit."""
    digits = [(file, digit) for digit in "0123456789" for file in sorted(folder.glob(f"{digit}/[!.]*"))]
    numbers = [(file, digits_of(file.name.split("__")[0])) for file in sorted(folder.glob("numbers/[!.]*"))]
    none = [(file, "") for file in sorted(folder.glob("none/[!.]*"))]
    if not digits + numbers + none:
        raise SystemExit(f"{folder} holds no pictures: sort them into folders named 0 to 9, numbers and none")
    groups = [Group("digits", DIGIT, digits), Group("numbers", LINE, numbers), Group(REFUSED, NONE, none)]
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
            written = "bank cheques" if "cheque" in row["note"] else "rows of digits"
            apart = {"sets": (path.stem, DIGIT), "strings": (written, LINE), "notdigits": (REFUSED, NONE)}
            name, holds = apart.get(kind, (kind, DIGIT))
            pictures = groups.setdefault(name, Group(name, holds, [])).pictures
            if path.suffix == ".npz":
                data = np.load(path, allow_pickle=False)
                labels = [""] * len(data["X"]) if holds == NONE else data["y"]
                pictures += zip(data["X"], map(str, labels), strict=True)
            else:
                pictures.append((path, label))
    return sorted(groups.values(), key=lambda group: (DIGIT, LINE, NONE).index(group.holds))


def picked(pictures: Pictures, limit: int) -> Pictures:
    chosen = np.random.default_rng(0).permutation(len(pictures))[:limit]
    return [pictures[i] for i in sorted(chosen)]


if __name__ == "__main__":
    main()
