"""`tenfold batch --engine ray` on a cluster of two nodes on this machine, with S3 on loopback (`make test-ray`)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tenfold.batch
from helpers import documents
from helpers.project import SAMPLES

ray: Any = pytest.importorskip("ray", reason="needs Ray: make test-ray")
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]

COPIES = 6  # of each sample


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of two nodes with one processor each."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    store = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
    running = Cluster(initialize_head=True, head_node_args=store)
    running.add_node(num_cpus=1, object_store_memory=100 << 20)
    ray.init(address=running.address, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield running
    ray.shutdown()
    running.shutdown()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a TIFF of three pages, a file that is no picture; the rows of the local engine beside it."""
    folder = tmp_path_factory.mktemp("ray") / "box"
    folder.mkdir()
    for digit in range(10):
        for copy in range(COPIES):
            (folder / f"{copy}-{digit}.jpg").write_bytes((SAMPLES / f"{digit}.jpg").read_bytes())
    documents.tiff(folder / "3-pages.tif", [4, 2, 7])
    (folder / "4-text.png").write_text("not a picture")
    tenfold.batch.run([folder, folder / "missing.png"], folder.parent / "local.jsonl", min_confidence=0.9)
    return folder


def read(box: Path, out: str, **arguments: Any) -> tenfold.batch.Summary:
    inputs = [box, box / "missing.png"]
    return tenfold.batch.run(inputs, out, engine="ray", min_confidence=0.9, force=True, **arguments)


def kill_a_worker() -> None:
    """Kill a process that reads, as the kernel does when memory runs out."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::MapWorker" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
                return
        except OSError:
            continue
    pytest.fail("no worker runs")


def test_rows_are_those_of_the_local_engine(cluster: Any, box: Path) -> None:
    summary = read(box, str(box.parent / "ray.jsonl"))
    assert (box.parent / "ray.jsonl").read_bytes() == (box.parent / "local.jsonl").read_bytes()
    assert summary.rows == 10 * COPIES + 5


def test_a_worker_that_is_killed_loses_no_row(cluster: Any, box: Path) -> None:
    killed: list[bool] = []

    def kill(_: str, done: int, __: int) -> None:
        if done == 5 and not killed:
            kill_a_worker()
            killed.append(True)

    read(box, str(box.parent / "killed.jsonl"), callback=kill)
    assert killed
    assert (box.parent / "killed.jsonl").read_bytes() == (box.parent / "local.jsonl").read_bytes()


def test_parts_on_s3_hold_the_same_rows(cluster: Any, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3", reason="needs boto3: make test-ray")
    moto = pytest.importorskip("moto.server", reason="needs moto: make test-ray")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    server = moto.ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        storage = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
        storage.create_bucket(Bucket="scans")
        for path in sorted(box.glob("0*.jpg")):
            storage.put_object(Bucket="scans", Key=f"box/{path.name}", Body=path.read_bytes())
        storage.put_object(Bucket="scans", Key="box/a b.tif", Body=(box / "3-pages.tif").read_bytes())
        options = f"?region=us-east-1&scheme=http&endpoint_override={host}%3A{port}"
        options += "&allow_delayed_open=true"  # small parts in one request: moto 5.2.1 misspells the answer to several
        inputs = [f"s3://test:test@scans/box{options}"]
        tenfold.batch.run(inputs, box.parent / "s3.jsonl", min_confidence=0.9, jobs=1)
        rows = (box.parent / "s3.jsonl").read_text().splitlines()
        assert len(rows) == 10 + 3
        assert '"source": "s3://scans/box/0-0.jpg"' in rows[0]
        assert all("test" not in row for row in rows)
        out = f"s3://test:test@scans/parts/{options}"
        summary = tenfold.batch.run(inputs, out, engine="ray", min_confidence=0.9)
        assert (summary.rows, summary.failed) == (13, 0)
        with pytest.raises(tenfold.OutputError, match="holds results already"):
            tenfold.batch.run(inputs, out, engine="ray")
    finally:
        server.stop()


def test_a_node_that_fails_loses_no_row(cluster: Any, box: Path) -> None:
    lost: list[Any] = []

    def fail(_: str, done: int, __: int) -> None:
        if done == 5 and not lost:
            lost.append(cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False))

    read(box, str(box.parent / "node.jsonl"), callback=fail)
    assert lost
    assert (box.parent / "node.jsonl").read_bytes() == (box.parent / "local.jsonl").read_bytes()
