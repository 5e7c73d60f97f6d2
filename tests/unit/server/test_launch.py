from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from helpers.live_server import process
from helpers.project import ROOT, SAMPLES, Run
from helpers.waiting import PATIENCE, wait_until

SEVEN = (SAMPLES / "7.jpg").read_bytes()
EXPLAINED = re.compile(r'^tenfold_requests_(?:in_flight|total{route="/v1/explain",status="200"}) (.*)$', re.M)


def received(url: str) -> float:
    """The number of /v1/explain requests in flight or answered."""
    return sum(float(value) for value in EXPLAINED.findall(httpx.get(f"{url}/metrics", timeout=PATIENCE).text))


def test_server_prints_its_url_and_listens_on_loopback_only() -> None:
    with process("--workers", "1") as (url, server):
        assert url.startswith("http://127.0.0.1:")
        assert httpx.post(f"{url}/v1/read", content=SEVEN, timeout=PATIENCE).json()["digit"] == 7
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=PATIENCE)
        assert (server.returncode, errors) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_requests_in_flight_are_answered_when_the_server_stops(number: signal.Signals) -> None:
    answers: list[int] = []

    def ask(url: str) -> None:
        answers.append(httpx.post(f"{url}/v1/explain", content=SEVEN, timeout=PATIENCE).json()["digit"])

    with process() as (url, server):
        httpx.get(url, timeout=PATIENCE)
        clients = [threading.Thread(target=ask, args=(url,)) for _ in range(8)]
        for client in clients:
            client.start()
        wait_until(lambda: received(url) == 8)
        server.send_signal(number)
        for client in clients:
            client.join()
        assert answers == [7] * 8
        server.communicate(timeout=PATIENCE)
        assert server.returncode == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, timeout=PATIENCE)


def test_listening_on_all_addresses_prints_a_warning() -> None:
    with process("--host", "0.0.0.0", "--workers", "1") as (url, server):
        assert url.startswith("http://127.0.0.1:")
        server.terminate()
        assert "Everyone who can reach this machine" in server.communicate(timeout=PATIENCE)[1]


def test_unusable_address_is_one_error(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port)
        assert done.returncode == 1
        assert done.stderr == (
            f"tenfold: cannot listen on 127.0.0.1:{port} (Address already in use): choose another --host or --port; "
            "--port 0 takes any free port\n"
        )
    assert "this name or address does not exist" in run("serve", "--host", "no.such.host.invalid").stderr
    assert run("serve", "--port", "70000").returncode == 2
    assert "no network" in run("serve", "--port", "0", "--network", "nothing").stderr


def test_another_network_can_be_served() -> None:
    with process("--network", "article", "--workers", "1") as (url, _):
        assert httpx.get(f"{url}/v2/models/onelayer", timeout=PATIENCE).json()["name"] == "onelayer"
        assert httpx.post(f"{url}/v1/read", content=SEVEN, timeout=PATIENCE).status_code == 200


def test_steps_of_the_container_work_without_home_and_without_writing(tmp_path: Path) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    entry: list[str] = json.loads(re.search(r"^ENTRYPOINT (\[.*\])$", dockerfile, re.M)[1])  # type: ignore[index]
    check: list[str] = json.loads(re.search(r"^ CMD (\[.*\])$", dockerfile, re.M)[1])  # type: ignore[index]
    set_there = dict(re.findall(r"(\w+)=(\w+)", re.search(r"^ENV (.*)$", dockerfile, re.M)[1]))  # type: ignore[index]
    assert re.search(r"^USER \d+$", dockerfile, re.M)
    environment = os.environ | set_there | {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
    command = [sys.executable, "-m", Path(entry[0]).name, *entry[1:-1], "0"]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().split()[-1]
            assert httpx.post(f"{url}/v1/read", content=SEVEN, timeout=PATIENCE).json()["digit"] == 7
            healthy = [sys.executable, "-c", check[-1].replace("http://127.0.0.1:8000", url)]
            assert subprocess.run(healthy, check=False).returncode == 0
        finally:
            server.terminate()
    assert server.returncode == 0
    assert subprocess.run(healthy, check=False, capture_output=True).returncode != 0
    assert list(tmp_path.iterdir()) == []
