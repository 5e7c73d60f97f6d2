from __future__ import annotations

import signal
import socket
import threading
import time

import httpx
import pytest

from helpers.live_server import process
from helpers.project import SAMPLES, Run

SEVEN = (SAMPLES / "7.jpg").read_bytes()


def test_it_says_where_it_listens_and_that_is_this_machine_only() -> None:
    with process() as (url, server):
        assert url.startswith("http://127.0.0.1:")
        assert httpx.post(f"{url}/v1/read", content=SEVEN).json()["digit"] == 7
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=30)
        assert (server.returncode, told) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_in_flight_is_finished_when_it_is_stopped(number: signal.Signals) -> None:
    answers: list[int] = []

    def ask(url: str) -> None:
        answers.append(httpx.post(f"{url}/v1/explain", content=SEVEN, timeout=30).json()["digit"])

    with process() as (url, server):
        httpx.get(url)
        clients = [threading.Thread(target=ask, args=(url,)) for _ in range(8)]
        for client in clients:
            client.start()
        while "tenfold_at_work 8.0" not in httpx.get(f"{url}/metrics").text and not answers:
            time.sleep(0.001)
        server.send_signal(number)
        for client in clients:
            client.join()
        assert answers == [7] * 8
        server.communicate(timeout=30)
        assert server.returncode == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_whoever_listens_to_all_is_told_what_that_means() -> None:
    with process("--host", "0.0.0.0") as (url, server):
        assert url.startswith("http://127.0.0.1:")
        server.terminate()
        assert "Everyone who can reach this machine" in server.communicate(timeout=30)[1]


def test_an_address_that_cannot_be_listened_on_is_one_error(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port)
        assert done.returncode == 1
        assert done.stderr == (
            f"tenfold: 127.0.0.1:{port} cannot be listened on (Address already in use): choose another --host or "
            "--port; --port 0 takes any that is free\n"
        )
    assert "there is no such name" in run("serve", "--host", "no.such.host.invalid").stderr
    assert run("serve", "--port", "70000").returncode == 2
    assert "no network" in run("serve", "--port", "0", "--network", "nothing").stderr


def test_another_network_can_be_served() -> None:
    with process("--network", "article") as (url, _):
        assert httpx.get(f"{url}/v2/models/onelayer").json()["name"] == "onelayer"
        assert httpx.post(f"{url}/v1/read", content=SEVEN).status_code == 200
