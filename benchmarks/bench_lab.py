"""Measure how many answers per second the lab's sliders get (`make bench-serve`).

Requests go over HTTP to a server process, as from the lab's page. Each answer has accuracy, curve and confusion matrix.
First, requests are sent one after the other; then as by a slider that is dragged: every 16 ms another learning rate,
with at most two requests in flight.
"""

from __future__ import annotations

import statistics
import threading
import time

import httpx

from bench_server_load import served
from tenfold.lab.training_run import Settings

SECONDS = 4.0
FRAME = 0.016  # seconds between two moves of a slider
SIZES = (Settings(), Settings(images=60_000))


def main() -> None:
    with served() as (url, _), httpx.Client(base_url=url, timeout=60) as client:
        client.get("/lab/api/train")  # the server loads MNIST and the compiled loops
        print("\nThe lab: training runs answered over HTTP\n")
        print(f"{'':28}{'per second':>10}{'ms per answer':>15}{'dragged, shown per second':>27}{'dropped':>10}")
        for settings in SIZES:
            row(client, settings)
        seconds = client.get("/lab/api/machine").json()["seconds_an_update"]
        print(f"\nthe article's own program takes {1000 * seconds:.2f} ms per update on this machine")


def row(client: httpx.Client, settings: Settings) -> None:
    times = one_by_one(client, settings)
    answered, dropped = dragged(client, settings)
    name = f"{settings.images:,} images x {settings.epochs} epochs"
    median = statistics.median(times)
    print(f"{name:28}{1 / median:10.1f}{1000 * median:15.0f}{answered / SECONDS:27.1f}{dropped:10}")


def request(client: httpx.Client, settings: Settings, alpha: float, page: str, serial: int) -> int:
    query = {"alpha": alpha, "epochs": settings.epochs, "images": settings.images, "page": page, "serial": serial}
    return client.get("/lab/api/train", params={name: str(value) for name, value in query.items()}).status_code


def one_by_one(client: httpx.Client, settings: Settings) -> list[float]:
    times: list[float] = []
    while sum(times) < SECONDS:
        started = time.perf_counter()
        if request(client, settings, 1e-7, "one", 0) != 200:
            raise RuntimeError("the server did not answer")
        times.append(time.perf_counter() - started)
    return times


def dragged(client: httpx.Client, settings: Settings) -> tuple[int, int]:
    """The number of answers shown while a slider moved, and of moves dropped, here or by the server."""
    slots, statuses = threading.Semaphore(2), list[int]()

    def send(alpha: float, serial: int) -> None:
        try:
            statuses.append(request(client, settings, alpha, f"drag {settings.images}", serial))
        finally:
            slots.release()

    began, moves = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        moves += 1
        if slots.acquire(blocking=False):
            threading.Thread(target=send, args=(1e-9 * 1.01 ** (moves % 400), moves)).start()
        time.sleep(FRAME)
    for _ in range(2):
        slots.acquire()
    answered = statuses.count(200)
    return answered, moves - answered


if __name__ == "__main__":
    main()
