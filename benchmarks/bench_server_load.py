"""How the server holds under load: `make bench-serve` prints this. 64 connections send the samples for a minute.

Compared with the same pictures read by as many threads without a server, before and after, in the same run. Fails
where a request fails, where the server reads less than 70 % as many, where the slowest hundredth waits over ten times
as long as the median, or where memory grows.
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
ALONE_SECONDS = 5


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing, which makes the load: on Debian, apt-get install wrk")
    with served() as (url, _):
        wrk(url, WARM_SECONDS)
        before, memory = alone(), resident(url)
        print(wrk_output := wrk(url, SECONDS))
        grown = resident(url) - memory
        after = alone()
    rate = figure(r"Requests/sec:\s+([\d.]+)", wrk_output)
    median, slow = (milliseconds(rf"{share}%\s+([\d.]+)(us|ms|s)", wrk_output) for share in (50, 99))
    share = rate / ((before + after) / 2)
    failed = "Non-2xx" in wrk_output or "Socket errors" in wrk_output
    print(f"{Limits().threads} threads that read, without a server   {before:8.0f} a second before, {after:.0f} after")
    print(f"the server                            {rate:8.0f} a second, {100 * share:.0f} % of that")
    print(f"from request to answer                {median:8.0f} ms median, {slow:.0f} ms for the slowest hundredth")
    print(f"memory                                {memory:8.0f} MiB, {grown:+.1f} MiB after {SECONDS} s")
    broken = [
        what
        for what, holds in {
            "a request failed": not failed,
            "under 70 % of the readings without a server": share >= 0.7,
            "the slowest hundredth waits over ten times the median": slow <= 10 * median,
            "memory grows": grown < 0.05 * memory,
        }.items()
        if not holds
    ]
    if broken:
        sys.exit("; ".join(broken))


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


def alone() -> float:
    """Readings a second in this process, by as many threads as the server has."""
    cv2.setNumThreads(1)  # as the server does
    reader = tenfold.Reader()
    pictures = [path.read_bytes() for path in sorted(SAMPLES.glob("*.jpg"))]
    count, started = 0, time.perf_counter()
    with ThreadPoolExecutor(Limits().threads) as pool:
        while time.perf_counter() < started + ALONE_SECONDS:
            count += len(list(pool.map(reader.read, pictures * 5)))
    return count / (time.perf_counter() - started)


def resident(url: str) -> float:
    """MiB of memory that the server says it holds."""
    return figure(r"^process_resident_memory_bytes ([\d.e+]+)$", httpx.get(f"{url}/metrics").text) / 2**20


def figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.M)
    if found is None:
        raise ValueError(f"there is no {pattern} in {text}")
    return float(found[1])


def milliseconds(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"there is no {pattern} in {text}")
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


if __name__ == "__main__":
    main()
