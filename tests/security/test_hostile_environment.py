"""Commands in a hostile environment: closed streams, a full disk, odd encodings, Ctrl-C; each is one line on stderr."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from helpers.pictures import SEVEN
from helpers.project import Run
from helpers.waiting import PATIENCE


def test_closed_standard_input_and_a_full_disk_are_one_line(tmp_path: Path) -> None:
    program = f"{sys.executable} -m tenfold read"
    for line, status in ((f"{program} - <&-", 1), (f"{program} {SEVEN} > /dev/full", 1)):
        if "full" in line and not Path("/dev/full").exists():
            continue
        done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert done.returncode == status
        assert done.stderr.count("\n") == 1


def test_a_reader_of_the_results_that_goes_away_is_no_traceback() -> None:
    line = f"{sys.executable} -m tenfold read {SEVEN} {SEVEN} | head -c 0; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert "Traceback" not in done.stderr


def test_names_that_the_terminal_cannot_show_are_escaped(run: Run, tmp_path: Path) -> None:
    name = "é.jpg"
    (tmp_path / name).write_bytes(SEVEN.read_bytes())
    done = run("read", name, name, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.startswith("\\xe9.jpg  7")


LONG_TRAINING = """
import tenfold
from tenfold.__main__ import main

fit = tenfold.OneLayerNet.fit

def announced(net, images, *arguments):
    if len(images) > 1:
        print("training", flush=True)
    return fit(net, images, *arguments)

tenfold.OneLayerNet.fit = announced
main()
"""


def test_interrupting_is_one_line_and_status_130() -> None:
    command = [sys.executable, "-c", LONG_TRAINING, "train", "article", "--images", "60000", "--epochs", "2000"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # children of a process that ignores it do too
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    assert process.stdout
    assert process.stdout.readline() == "training\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    # CPython ends by the signal itself if it came while a string was executed; a shell shows 130 for both
    assert process.returncode in (130, -signal.SIGINT)
    assert stderr.splitlines()[-1] == "tenfold: interrupted"
    assert "Traceback" not in stderr


def test_two_results_in_one_file_are_refused_before_work(run_here: Run, tmp_path: Path) -> None:
    done = run_here("evaluate", "article", "--report", "r.png", "--mistakes", "r.png")
    assert done.returncode == 1
    assert "named for two results" in done.stderr
    done = run_here("train", "article", "--out", "no/where")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no folder" in done.stderr
    done = run_here("train", "article", "--out", "article")
    assert "would hide yours" in done.stderr
