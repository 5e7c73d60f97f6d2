from __future__ import annotations

import subprocess
import sys

import pytest

import tenfold
from helpers.project import SAMPLES

WEB = {"fastapi", "starlette", "pydantic", "uvicorn", "prometheus_client", "python_multipart"}
HEAVY = {"numpy", "numba", "cv2", "PIL", "rich.console", "torch", "onnxruntime", "sklearn"} | WEB


def loaded_by(program: str) -> set[str]:
    """Which of the heavy modules a fresh Python has loaded after running a program."""
    report = f"{program}\nimport sys\nprint('loaded', *({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=300)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_importing_tenfold_loads_nothing_heavy() -> None:
    assert loaded_by("import tenfold") == set()


def test_loading_the_command_line_loads_nothing_heavy() -> None:
    assert loaded_by("import tenfold.cli.main") == set()


def test_reading_a_picture_loads_neither_compiler_nor_torch() -> None:
    assert loaded_by(f"import tenfold; tenfold.read({str(SAMPLES / '7.jpg')!r})") == {
        "numpy",
        "cv2",
        "PIL",
        "onnxruntime",
    }


def test_serving_loads_neither_compiler_nor_torch() -> None:
    assert loaded_by("import tenfold.server.app, tenfold.http.connection").isdisjoint(
        {"numba", "torch", "rich.console", "sklearn"}
    )


def test_this_check_would_notice() -> None:
    assert loaded_by("import numba") >= {"numba", "numpy"}
    assert loaded_by("import tenfold.server.app") >= {"fastapi", "pydantic"}


def test_every_public_name_is_there_and_documented() -> None:
    assert set(tenfold._HOME) == set(tenfold.__all__)
    for name in tenfold.__all__:
        assert getattr(tenfold, name).__doc__
    assert set(tenfold.__all__) <= set(dir(tenfold))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tenfold.nothing
