"""Fuzz the reader (`make fuzz`): damaged files of every format, wrong headers, arrays of any kind.

    python fuzz/fuzz_images.py [INPUTS]    a million by default

Each input must give a reading or one TenfoldError, within 5 seconds and 4 GiB. All other inputs are saved in
build/fuzz.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from pi_heif import register_heif_opener
from PIL import Image

import tenfold

FINDINGS = Path("build/fuzz")
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "TGA", "ICO", "PCX")
MODES = ("L", "RGB", "RGBA", "P", "1", "I;16")
EXTREMES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
MAX_SECONDS = 5.0  # seconds
MAX_MEMORY = 4 * 2**30
BLOCK_SIZE = 1000  # inputs of one task


def seeds() -> list[bytes]:
    """One small picture in every format and mode that can be written here."""
    register_heif_opener()
    pixels = np.full((24, 20), 230, np.uint8)
    pixels[4:20, 8:11] = 30
    files = []
    for name in FORMATS:
        for mode in MODES:
            buffer = io.BytesIO()
            with contextlib.suppress(OSError, ValueError, KeyError):
                Image.fromarray(pixels).convert(mode).save(buffer, name)
                files.append(buffer.getvalue())
    frames = [Image.fromarray(np.roll(pixels, step, axis=1)) for step in range(3)]
    for name in ("GIF", "TIFF", "WEBP", "PNG"):
        buffer = io.BytesIO()
        frames[0].save(buffer, name, save_all=True, append_images=frames[1:])
        files.append(buffer.getvalue())
    samples = sorted(Path("samples").glob("*.jpg"))
    return files + [path.read_bytes() for path in samples[:1]]


def damaged(file: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A file with some bytes changed, deleted, duplicated or replaced with bytes of another file."""
    data = bytearray(file)
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(len(data) + 1)) if rng.random() < 0.5 else int(rng.integers(min(len(data), 64) + 1))
        match int(rng.integers(6)):
            case 0:
                data[at : at + 1] = rng.bytes(1)
            case 1:
                del data[at : at + int(rng.integers(1, 40))]
            case 2:
                data[at:at] = data[at : at + int(rng.integers(1, 40))]
            case 3:
                size = int(rng.choice([1, 2, 4]))
                value = EXTREMES[int(rng.integers(len(EXTREMES)))] & (256**size - 1)
                data[at : at + size] = value.to_bytes(size, ("little", "big")[int(rng.integers(2))])
            case 4:
                start = int(rng.integers(len(other)))
                data[at : at + 50] = other[start : start + int(rng.integers(1, 50))]
            case _:
                del data[at:]
                data += bytes(1)
    return bytes(data)


def array(rng: np.random.Generator) -> np.ndarray:
    """An array of random type, shape and values, valid or not."""
    shape = tuple(int(n) for n in rng.choice([0, 1, 2, 3, 4, 5, 9, 28, 40], size=int(rng.integers(0, 5))))
    kind = np.dtype(str(rng.choice(["u1", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "?", "M8[s]", "S3", "O"])))
    values = rng.normal(0, float(rng.choice([1e-9, 1, 300, 1e30])), shape)
    if rng.random() < 0.2:
        values = np.where(rng.random(shape) < 0.1, rng.choice([np.nan, np.inf, -np.inf]), values)
    with np.errstate(all="ignore"):
        made: np.ndarray = np.asarray(values.astype("i8" if kind.kind in "MS" else "f8").astype(kind))
        return made


def attack(block: int) -> list[str]:
    """Read one block of inputs, and describe every failure."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)  # C libraries write warnings of their own
    os.close(null)
    files, reader, wrong = seeds(), tenfold.Reader(), []
    rng = np.random.default_rng(block)
    last = FINDINGS / f"running-{os.getpid()}"  # the current input, kept if the process crashes
    for i in range(BLOCK_SIZE):
        first, second = rng.integers(len(files), size=2)
        data: bytes | np.ndarray = array(rng) if rng.random() < 0.1 else damaged(files[first], files[second], rng)
        last.write_bytes(data if isinstance(data, bytes) else repr(data).encode())
        started = time.perf_counter()
        try:
            (reader.read_number if i % 8 == 0 else reader.read)(data)
        except tenfold.TenfoldError as error:
            if not str(error) or "\n" in str(error):
                wrong.append(f"{block}.{i}: a message that is not one line: {str(error)!r}")
        except Exception as error:  # noqa: BLE001  any other exception is a finding
            wrong.append(f"{block}.{i}: {type(error).__name__}: {error}")
        if time.perf_counter() - started > MAX_SECONDS:
            wrong.append(f"{block}.{i}: took {time.perf_counter() - started:.1f} s")
        if wrong and wrong[-1].startswith(f"{block}.{i}:"):
            (FINDINGS / f"{block}.{i}").write_bytes(last.read_bytes())
    last.unlink()
    return wrong


def main(inputs: int) -> int:
    FINDINGS.mkdir(parents=True, exist_ok=True)
    blocks, findings, started = -(-inputs // BLOCK_SIZE), 0, time.perf_counter()
    # An executor reports when a process dies, a pool does not; running-* has the input of that process.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as processes:
        for done, wrong in enumerate(processes.map(attack, range(blocks)), start=1):
            findings += len(wrong)
            print("".join(f"\r{line}\n" for line in wrong), end="")
            rate = done * BLOCK_SIZE / (time.perf_counter() - started)
            print(f"\r{done * BLOCK_SIZE:,} inputs, {rate:,.0f} per second, {findings} findings", end="", flush=True)
    print()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
