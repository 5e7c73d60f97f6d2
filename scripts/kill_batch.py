"""Kill `tenfold batch` at random moments, resume it, and compare its rows with those of an uninterrupted run.

`make kill` does this until 100 runs have been killed. Needs several minutes.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).parents[1] / "samples"
COPIES = 12  # of each sample
PAGES = 10  # of a TIFF


def main() -> None:
    parser = argparse.ArgumentParser(description="kill and resume batch runs")
    parser.add_argument("--kills", type=int, default=100, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (%(default)s)")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)  # noqa: S311 (no secrets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_box(folder / "box")
        seconds = timed(folder, "whole.csv")
        expected = (folder / "whole.csv").read_bytes()
        print(f"{len(expected.splitlines()) - 1} rows, {seconds:.1f} s", flush=True)
        kills = runs = 0
        while kills < arguments.kills:
            while run(folder, "killed.csv", rng.uniform(0, 1.1 * seconds)) is None:
                kills += 1
            runs += 1
            if runs % 5 == 0:  # the machine may have become faster or slower
                (folder / "whole.csv").unlink()
                seconds = timed(folder, "whole.csv")
            if (folder / "killed.csv").read_bytes() != expected:
                sys.exit(f"after {kills} kills the rows differ")
            (folder / "killed.csv").unlink()
            print(f"\r{kills} kills, {runs} runs with exactly the same rows", end="", flush=True)
        left = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".tenfold-"))
        print(f"\n{kills} kills, {runs} runs: no row was lost, none came twice; left over: {left}")


def timed(folder: Path, out: str) -> float:
    """The seconds that an uninterrupted run takes."""
    started = time.monotonic()
    run(folder, out)
    return time.monotonic() - started


def make_box(folder: Path) -> None:
    """Pictures, a file that is none, and a TIFF of several pages."""
    folder.mkdir()
    for path in sorted(SAMPLES.glob("*.jpg")):
        for copy in range(COPIES):
            shutil.copy(path, folder / f"{copy:02}-{path.name}")
    (folder / "05-text.png").write_text("not a picture")
    pages = [Image.open(path) for path in sorted(SAMPLES.glob("*.jpg"))[:PAGES]]
    pages[0].save(folder / "06-pages.tif", save_all=True, append_images=pages[1:])


def run(folder: Path, out: str, seconds: float | None = None) -> int | None:
    """Run or resume a batch; its status, or None if it was killed after so many seconds."""
    command = [sys.executable, "-m", "tenfold", "batch", "box", "--out", out, "--quiet", "--min-confidence", "0.9"]
    is_finished = (folder / out).exists() and not (folder / f"{out}.journal").exists()
    if is_finished:  # it was killed after its last step
        return 0
    process = subprocess.Popen([*command, "--resume"], cwd=folder)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return None
    if status not in {0, 1, 3}:
        sys.exit(f"a run ended with status {status}")
    return status


if __name__ == "__main__":
    main()
