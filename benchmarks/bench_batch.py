"""Throughput of `tenfold batch` on 1 and 2 processes, next to plain decoding, and its memory (`make bench-batch`).

The pictures are the samples, and 12-megapixel photos of them. Rates are of whole commands, their start included, for
as many pictures as take a while. The floor is `xargs -P`, which decodes the same files with Pillow.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

from bench_startup import jpeg

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.jpg"))
DECODE = "import sys; from PIL import Image; [Image.open(path).convert('L').load() for path in sys.argv[1:]]"
PROCESSES = (1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="throughput and memory of tenfold batch")
    parser.add_argument("--samples", type=int, default=6000, help="small pictures (%(default)s)")
    parser.add_argument("--photos", type=int, default=600, help="12-megapixel photos (%(default)s)")
    parser.add_argument("--pages", type=int, default=2000, help="pages of a TIFF and a PDF (%(default)s)")
    parser.add_argument("--many", type=int, default=100_000, help="pictures for the memory (%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'':34}{'1 process':>12}{'2 processes':>12}{'ratio':>8}")
        link(folder / "samples", SAMPLES, arguments.samples)
        compare("samples, 213 x 256 pixels", folder / "samples", arguments.samples)
        with Image.open(SAMPLES[7]) as seven:
            (folder / "photo.jpg").write_bytes(jpeg(seven.resize((4000, 3000)), 4, 85))
        link(folder / "photos", [folder / "photo.jpg"], arguments.photos)
        compare("photos, 12 megapixels", folder / "photos", arguments.photos)
        (folder / "pages").mkdir()
        write_pages(folder / "pages", arguments.pages)
        for suffix in ("tif", "pdf"):
            row(
                f"pages of a {suffix.upper()}",
                [arguments.pages / batch(folder, f"pages/p.{suffix}", n) for n in PROCESSES],
            )
        link(folder / "many", SAMPLES, arguments.many)
        memory(folder, arguments.many)


def link(folder: Path, files: list[Path], count: int) -> None:
    """A folder of so many pictures, each a link to one of the files."""
    folder.mkdir()
    for i in range(count):
        (folder / f"{i:06}.jpg").symlink_to(files[i % len(files)])


def write_pages(folder: Path, count: int) -> None:
    """The samples as a TIFF and as a PDF of so many pages."""
    pages = [Image.open(SAMPLES[i % len(SAMPLES)]).convert("L") for i in range(count)]
    pages[0].save(folder / "p.tif", save_all=True, append_images=pages[1:], compression="tiff_deflate")
    pages[0].save(folder / "p.pdf", save_all=True, append_images=pages[1:], resolution=100)


def compare(name: str, folder: Path, count: int) -> None:
    """Pictures a second, read and only decoded."""
    row(f"{name}: read", [count / batch(folder.parent, folder.name, n) for n in PROCESSES])
    row(f"{name}: only decoded", [count / decode(folder, n) for n in PROCESSES])


def row(name: str, rates: list[float]) -> None:
    print(f"{name:34}{rates[0]:10.1f}/s{rates[1]:10.1f}/s{rates[1] / rates[0]:8.2f}", flush=True)


def batch(folder: Path, what: str, processes: int) -> float:
    """The seconds that a batch takes."""
    return seconds(command(folder, what, processes), folder)


def command(folder: Path, what: str, processes: int) -> list[str]:
    out = str(folder / "r.csv")
    options = ["--jobs", str(processes), "--force", "--quiet", "--min-confidence", "0"]
    return [sys.executable, "-m", "tenfold", "batch", what, "--out", out, *options]


def decode(folder: Path, processes: int) -> float:
    """The seconds that decoding takes, by four processes one after the other for each that may run at a time."""
    files = max(1, len(list(folder.iterdir())) // (4 * processes))
    line = f'ls | xargs -P {processes} -n {files} {sys.executable} -c "{DECODE}"'
    return seconds(["sh", "-c", line], folder)


def seconds(line: list[str], folder: Path) -> float:
    started = time.monotonic()
    if subprocess.run(line, cwd=folder, check=False).returncode not in {0, 3}:
        sys.exit(f"{line} has failed")
    return time.monotonic() - started


def memory(folder: Path, count: int) -> None:
    """The most memory that the main process and its workers take, by /proc."""
    if not Path("/proc/self/status").exists():
        print("memory is measured on Linux only")
        return
    peaks: dict[bool, int] = {}
    started = time.monotonic()
    with subprocess.Popen(command(folder, "many", 2), cwd=folder) as process:
        watcher = threading.Thread(target=watch, args=(process, peaks))
        watcher.start()
        process.wait()
        watcher.join()
    rate = count / (time.monotonic() - started)
    print(f"{count:,} pictures: {rate:.1f}/s, main process {peaks[True]} MB, largest worker {peaks[False]} MB")


def watch(process: subprocess.Popen[bytes], peaks: dict[bool, int]) -> None:
    """Write down the peaks of the process (True) and of its children (False), in MB."""
    while process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            pids = [str(process.pid), *children.read_text().split()]
            for pid in pids:
                status = Path(f"/proc/{pid}/status").read_text()
                if "VmHWM:" in status:
                    peak = int(status.split("VmHWM:")[1].split()[0]) // 1000
                    is_main = pid == str(process.pid)
                    peaks[is_main] = max(peaks.get(is_main, 0), peak)
        except (OSError, IndexError):
            pass
        time.sleep(0.5)


if __name__ == "__main__":
    main()
