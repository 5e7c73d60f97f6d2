from __future__ import annotations

import os
import resource
import shlex
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from helpers.project import SAMPLES, Run

SEVEN = SAMPLES / "7.jpg"


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "--nothing", "x"],
        ["train", "nothing"],
        ["nothing"],
        ["train", "article", "--images", "0"],
        ["read", "--number", "--network", "article", "x"],
    ],
)
def test_wrong_usage_is_status_2(run_here: Run, arguments: list[str]) -> None:
    done = run_here(*arguments)
    assert done.returncode == 2
    assert done.stdout == "" or done.stdout.startswith("Usage")


@pytest.mark.parametrize("closed", ["1>&-", "2>&-"])
def test_a_closed_stream_is_not_an_error(closed: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m tenfold read {shlex.quote(str(SEVEN))} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == ("" if closed.startswith("1") else "7  100 %\n")
    assert done.stderr == ""


def test_errors_are_one_line_without_a_traceback(run_here: Run) -> None:
    for arguments in (
        ["evaluate", "nothing"],
        ["train", "article", "--data", "nowhere"],
        ["train", "article", "--alpha", "1"],
    ):
        done = run_here(*arguments)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("tenfold: ")


def cpu_seconds(compiled: Path, *command: str) -> float:
    """The processor time of a process, which other processes change little; its modules are kept as bytecode."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=300, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "floor", "limit"),
    [
        (["--help"], "import typer", 1.8),
        (["--version"], "import typer", 1.8),
        (["read", str(SEVEN)], "import typer, numpy, cv2, PIL.Image, onnxruntime", 1.8),
    ],
    ids=["help", "version", "read"],
)
def test_a_cold_start_takes_little_more_than_the_import_of_its_libraries(
    arguments: list[str], floor: str, limit: float, tmp_path: Path
) -> None:
    pairs = [
        (cpu_seconds(tmp_path, "-m", "tenfold", *arguments), cpu_seconds(tmp_path, "-c", floor)) for _ in range(10)
    ]
    assert statistics.median(mine / bare for mine, bare in pairs[1:]) < limit, pairs  # the first pair compiles


COMMANDS = ["", "read", "train", "train article", "train digits", "evaluate", "ladder", "serve"]


@pytest.mark.parametrize("command", COMMANDS)
def test_h_is_short_for_help_on_every_command(command: str, run_here: Run) -> None:
    short, long = (run_here(*command.split(), option) for option in ("-h", "--help"))
    assert short.returncode == long.returncode == 0
    assert short.stdout == long.stdout
    assert "Show this message and exit." in short.stdout


def test_version_is_that_of_the_installed_package(run: Run) -> None:
    done = run("--version")
    assert done.stdout == f"tenfold {version('tenfold')}\n"
    assert done.returncode == 0


def test_version_loads_no_more_than_help_does() -> None:
    program = "\n".join(
        [
            "import sys; sys.argv[1:] = [{option!r}]",
            "from tenfold.__main__ import main",
            "try: main()",
            "except SystemExit: print(len(sys.modules))",
        ]
    )
    counts = []
    for option in ("--help", "--version"):
        command = [sys.executable, "-c", program.format(option=option)]
        counts.append(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]))
    assert counts[1] <= counts[0]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_completes_commands_and_options(shell: str, run: Run) -> None:
    words = {
        "_TENFOLD_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "tenfold ev",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "tenfold ev",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    assert "evaluate" in run(**words).stdout
