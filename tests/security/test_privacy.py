"""Nothing leaves the machine, and nothing is written but what the user asked for. The system calls tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.project import SAMPLES

READ = (
    "import tenfold; assert tenfold.read({picture!r}).digit == 7; assert tenfold.read_number({picture!r}).text == '7'"
)
FROM_A_WORKER = """
import multiprocessing, tenfold
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(tenfold.read, [{picture!r}])[0].digit == 7
"""
AFTER_ONNXRUNTIME = "import tenfold; reader = tenfold.Reader(); import onnxruntime; reader.read({picture!r})"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def environment(home: Path) -> dict[str, str]:
    """The environment with every place of the user's in an empty folder; in CI onnxruntime would be quiet by itself."""
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    places = dict.fromkeys(["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"], str(home))
    return kept | places | {"PYTHONDONTWRITEBYTECODE": "1"}


def run(program: str, home: Path, *wrapper: str) -> None:
    script = home.parent / "program.py"
    script.write_text(program.format(picture=str(SAMPLES / "7.jpg")))
    subprocess.run([*wrapper, sys.executable, script], env=environment(home), cwd=home, check=True, timeout=300)


@pytest.mark.parametrize("program", [READ, FROM_A_WORKER, AFTER_ONNXRUNTIME], ids=["read", "worker", "after"])
def test_reading_writes_no_file(program: str, home: Path) -> None:
    run(program, home)
    assert sorted(home.rglob("*")) == []


def test_reading_opens_no_socket_and_no_file_for_writing(home: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed, so system calls were not watched: apt-get install strace")
    trace = home.parent / "trace"
    calls = "trace=socket,connect,sendto,sendmsg,open,openat,creat,mkdir,mkdirat,rename,renameat2"
    run(READ, home, strace, "-f", "-qq", "-o", str(trace), "-e", calls)
    lines = trace.read_text().splitlines()
    assert any("7.jpg" in line for line in lines)  # the trace sees the program
    assert [line for line in lines if re.search(r"\b(socket|connect|sendto|sendmsg)\(", line)] == []
    writes = [line for line in lines if re.search(r"O_WRONLY|O_RDWR|O_CREAT|\b(creat|mkdir|rename)", line)]
    assert [line for line in writes if '"/dev/' not in line] == []


def test_this_check_would_notice_telemetry(home: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    version = tuple(map(int, onnxruntime.__version__.split(".")[:2]))
    if version < (1, 29) or sys.platform != "linux":
        pytest.skip("this onnxruntime has no telemetry on this system")
    model = Path(__file__).parents[2] / "src" / "tenfold" / "networks" / "pretrained" / "digits" / "model.onnx"
    run(f"import onnxruntime; onnxruntime.InferenceSession({str(model)!r}, providers=['CPUExecutionProvider'])", home)
    assert any(path.name == "deviceid" for path in home.rglob("*"))
