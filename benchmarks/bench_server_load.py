"""Measure the server under load (`make bench-serve`): 64 connections send the samples for a minute.

The rate is compared with that of the same number of threads without a server, before and after, in the same run. The
benchmark fails if a request fails, if the server reads less than 70 % as many pictures, if the slowest hundredth waits
more than ten times as long as the median, or if memory grows.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import httpx

import tenfold
from tenfold.http.limits import Limits

SAMPLES = Path(__file__).parents[1] / "samples"
SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 64
SECONDS = 60
WARM_SECONDS = 5
DIRECT_SECONDS = 5


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk, which makes the load, is not installed: on Debian, apt-get install wrk")
    with served() as (url, _):
        wrk(url, WARM_SECONDS)
        before, memory = read_directly(), resident(url)
        print(wrk_output := wrk(url, SECONDS))
        growth = resident(url) - memory
        after = read_directly()
    rate = figure(r"Requests/sec:\s+([\d.]+)", wrk_output)
    median, slow = (milliseconds(rf"{percentile}%\s+([\d.]+)(us|ms|s)", wrk_output) for percentile in (50, 99))
    fraction = rate / ((before + after) / 2)
    failed = "Non-2xx" in wrk_output or "Socket errors" in wrk_output
    print(
        f"{Limits().threads} threads that read, without a server   {before:8.0f} per second before, {after:.0f} after"
    )
    print(f"the server                            {rate:8.0f} per second, {100 * fraction:.0f} % of that")
    print(f"from request to answer                {median:8.0f} ms median, {slow:.0f} ms for the slowest hundredth")
    print(f"memory                                {memory:8.0f} MiB, {growth:+.1f} MiB after {SECONDS} s")
    failures = [
        what
        for what, holds in {
            "a request failed": not failed,
            "under 70 % of the readings without a server": fraction >= 0.7,
            "the slowest hundredth waits over ten times the median": slow <= 10 * median,
            "memory grows": growth < 0.05 * memory,
        }.items()
        if not holds
    ]
    if failures:
        sys.exit("; ".join(failures))


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


def read_directly() -> float:
    """Readings per second in this process, with as many threads as the server has."""
    cv2.setNumThreads(1)  # as the server does
    reader = tenfold.Reader()
    pictures = [path.read_bytes() for path in sorted(SAMPLES.glob("*.jpg"))]
    count, started = 0, time.perf_counter()
    with ThreadPoolExecutor(Limits().threads) as pool:
        while time.perf_counter() < started + DIRECT_SECONDS:
            count += len(list(pool.map(reader.read, pictures * 5)))
    return count / (time.perf_counter() - started)


def resident(url: str) -> float:
    """The resident memory in MiB that the server reports."""
    return figure(r"^process_resident_memory_bytes ([\d.e+]+)$", httpx.get(f"{url}/metrics").text) / 2**20


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
    main()
