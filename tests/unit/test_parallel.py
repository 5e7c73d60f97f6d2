from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.waiting import wait_until
from tenfold.parallel import map_in_processes

KILLED = """
import time
from tenfold.parallel import map_in_processes

if __name__ == "__main__":
    map_in_processes(time.sleep, [0, 3600, 3600, 3600, 3600], 5, lambda done, total: print(done, flush=True))
"""


def runs(process: str) -> bool:
    """True if a process exists and is not a zombie, which has ended but waits for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_results_are_in_the_order_of_the_tasks_and_progress_is_reported() -> None:
    heard: list[tuple[int, int]] = []
    assert map_in_processes(abs, [-3, 1, -2], 300, lambda *progress: heard.append(progress)) == [3, 1, 2]
    assert heard == [(100, 300), (200, 300), (300, 300)]


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="only Linux lists the children of a process",
)
def test_a_killed_process_leaves_no_workers_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert workers
        process.kill()
    wait_until(lambda: not any(map(runs, workers)))
