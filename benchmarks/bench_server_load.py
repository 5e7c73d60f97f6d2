"""Measure the server under load (`make bench-serve`, `make soak`): 64 connections send the samples.

The rate is compared with that of as many processes as the server has, without a server, before and after, in the same
run. All figures are printed; then the benchmark fails if a request failed, if the server read less than 85 % as many
pictures, if the slowest hundredth waited more than four times as long as the median, or if memory grew.

    python benchmarks/bench_server_load.py [SECONDS]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenfold.parallel import available_processors

SAMPLES = Path(__file__).parents[1] / "samples"
SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 64
SECONDS = 60
PART_SECONDS = 60  # a longer run is measured in parts, each with its own line
WARM_SECONDS = 5
DIRECT = """
import pathlib, sys, time
import cv2
import tenfold

cv2.setNumThreads(1)
reader = tenfold.Reader()
pictures = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jpg"))]
for picture in pictures:
    reader.read(picture)
print("ready", flush=True)
sys.stdin.readline()
count, started = 0, time.perf_counter()
while time.perf_counter() < started + 8:
    for picture in pictures:
        reader.read(picture)
    count += len(pictures)
print(count / (time.perf_counter() - started))
"""


def main(seconds: int) -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk, which makes the load, is not installed: on Debian, apt-get install wrk")
    processes = available_processors()
    parts: list[Part] = []
    before = read_directly(processes)
    with served() as (url, server):
        wrk(url, WARM_SECONDS)
        memory = resident(server.pid)
        for _ in range(max(1, seconds // PART_SECONDS)):
            parts.append(Part(wrk(url, min(seconds, PART_SECONDS)), resident(server.pid)))
            print(parts[-1].line(), flush=True)
    after = read_directly(processes)
    rate = sum(part.rate for part in parts) / len(parts)
    fraction = rate / ((before + after) / 2)
    slow = max(part.slow / part.median for part in parts)
    growth = parts[-1].memory - memory
    print(f"{processes} processes that read, without a server {before:8.0f} per second before, {after:.0f} after")
    print(f"the server                            {rate:8.0f} per second, {100 * fraction:.0f} % of that")
    print(f"the slowest hundredth                 {slow:8.1f} times the median")
    print(f"memory of all its processes           {memory:8.0f} MiB, {growth:+.1f} MiB at the end")
    failures = [
        what
        for what, holds in {
            "a request failed": not any(part.failed for part in parts),
            "under 85 % of the readings without a server": fraction >= 0.85,
            "the slowest hundredth waits over four times the median": slow <= 4,
            "memory grows": growth < 0.05 * memory,
        }.items()
        if not holds
    ]
    if failures:
        sys.exit("; ".join(failures))


class Part:
    """What wrk measured, and the memory of the server after it."""

    def __init__(self, output: str, memory: float) -> None:
        self.rate = figure(r"Requests/sec:\s+([\d.]+)", output)
        self.median, self.slow = (milliseconds(rf"{percent}%\s+([\d.]+)(us|ms|s)", output) for percent in (50, 99))
        self.failed = "Non-2xx" in output or "Socket errors" in output
        self.memory = memory

    def line(self) -> str:
        """One line of the report."""
        failed = ", and some failed" if self.failed else ""
        return (
            f"{self.rate:8.0f} per second{failed}; answers after {self.median:.0f} ms (median), {self.slow:.0f} ms "
            f"(slowest hundredth); {self.memory:.0f} MiB"
        )


@contextmanager
def served() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL of `tenfold serve` and its process."""
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        if server.stdout is None:
            raise RuntimeError("the server has no output")
        try:
            yield server.stdout.readline().split()[-1], server
        finally:
            server.terminate()


def wrk(url: str, seconds: int) -> str:
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "--latency",
        "-s",
        str(SCRIPT),
        url,
    ]
    return subprocess.run([*command, "--", str(SAMPLES)], check=True, capture_output=True, text=True).stdout


def read_directly(processes: int) -> float:
    """Readings per second of so many processes that only read."""
    command = [sys.executable, "-c", DIRECT, str(SAMPLES)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for reader in readers:
        if reader.stdout is None or reader.stdout.readline().strip() != "ready":
            raise RuntimeError("a process cannot read")
    for reader in readers:
        if reader.stdin is not None:
            reader.stdin.write("go\n")
            reader.stdin.flush()
    return sum(float(reader.communicate()[0]) for reader in readers)


def resident(process: int) -> float:
    """The resident memory in MiB of a process and its children; memory that they share is counted once."""
    threads = Path(f"/proc/{process}/task").iterdir()
    children = [child for thread in threads for child in (thread / "children").read_text().split()]
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return figure(r"^Pss:\s+(\d+) kB$", rollup) / 2**10 + sum(resident(int(child)) for child in children)


def figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.M)
    if found is None:
        raise ValueError(f"{pattern} does not match {text}")
    return float(found[1])


def milliseconds(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"{pattern} does not match {text}")
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
