from __future__ import annotations

import json
import os
import pty
import resource
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from PIL import Image

from helpers.project import SAMPLES, Run
from tenfold.training.train_digits import was_interrupted

SEVEN = SAMPLES / "7.jpg"


def test_read_prints_the_digit_and_how_sure_it_is(run: Run) -> None:
    done = run("read", SEVEN)
    assert done.returncode == 0
    assert done.stdout.split()[0] == "7"
    assert done.stdout.strip().endswith("%")
    assert done.stderr == ""


def test_read_names_each_of_several_pictures(run: Run) -> None:
    done = run("read", SEVEN, SAMPLES / "3.jpg")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{SEVEN}  7")
    assert second.startswith(str(SAMPLES / "3.jpg"))


def test_read_takes_standard_input(run: Run) -> None:
    assert run("read", "-", stdin=SEVEN.read_bytes()).stdout == run("read", SEVEN).stdout


def test_read_json_is_one_object_a_line(run: Run) -> None:
    done = run("read", "--json", SEVEN, SAMPLES / "3.jpg")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["picture"] == str(SEVEN)
    assert first["digit"] == 7
    assert sum(first["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert first["problem"] is None
    assert second["picture"] == str(SAMPLES / "3.jpg")


def test_an_unreadable_picture_is_status_1_and_the_others_are_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    done = run("read", "text.png", SEVEN)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{SEVEN}  7")
    assert done.stderr.count("\n") == 1
    assert "text.png" in done.stderr
    as_json = run("read", "--json", "text.png", SEVEN)
    assert "unknown format" in json.loads(as_json.stdout.splitlines()[0])["problem"]
    assert json.loads(as_json.stdout.splitlines()[1])["digit"] == 7


def test_a_blank_picture_is_status_1_with_advice_on_stderr(run: Run, tmp_path: Path) -> None:
    Image.new("L", (100, 100), 255).save(tmp_path / "blank.png")
    done = run("read", "blank.png")
    assert (done.returncode, done.stdout) == (1, "-\n")
    assert "blank" in done.stderr


def test_a_file_name_with_a_newline_stays_on_one_line(run: Run, tmp_path: Path) -> None:
    name = "a\nb.jpg"
    (tmp_path / name).write_bytes(SEVEN.read_bytes())
    done = run("read", name, SEVEN)
    assert len(done.stdout.splitlines()) == 2
    assert json.loads(run("read", "--json", name).stdout)["picture"] == name


def test_show_draws_the_stages_and_does_not_overwrite_unasked(run: Run, tmp_path: Path) -> None:
    assert run("read", SEVEN, "--show", "stages.png").returncode == 0
    with Image.open(tmp_path / "stages.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height > 400  # two rows of three stages
    refused = run("read", SEVEN, "--show", "stages.png")
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert run("read", SEVEN, "--show", "stages.png", "--force").returncode == 0


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
def test_wrong_usage_is_status_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == "" or done.stdout.startswith("Usage")


def test_train_article_prints_what_the_article_prints(run: Run) -> None:
    done = run("train", "article")
    assert done.returncode == 0
    assert "74.47 %" in done.stdout
    assert "5  1.1407872249800253   <- largest" in done.stdout
    assert "image 3, a 1, is read as 1" in done.stdout


def test_a_trained_network_is_saved_evaluated_and_read_with(run: Run, tmp_path: Path) -> None:
    assert run("train", "article", "--images", "60000", "--epochs", "1", "--out", "net").returncode == 0
    assert json.loads((tmp_path / "net" / "card.json").read_text())["images"] == 60000
    assert run("train", "article", "--out", "net").returncode == 1
    evaluated = run("evaluate", "net", "--mistakes", "mistakes.png", "--report", "report.html")
    assert evaluated.returncode == 0
    assert "75.92 %" in evaluated.stdout
    assert "Errors by rejection rate" in (tmp_path / "report.html").read_text()
    assert "data:image/png;base64," in (tmp_path / "report.html").read_text()
    with Image.open(tmp_path / "mistakes.png") as picture:
        assert picture.width > 800
    assert run("read", SEVEN, "--network", "net").returncode == 0


def test_resume_goes_on_from_a_run_that_was_broken_off_and_overwrites_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("my own")
    refused = run("train", "digits", "--budget", "2s", "--out", "mine", "--resume")
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert (tmp_path / "mine" / "README.md").read_text() == "my own"
    assert not was_interrupted(tmp_path / "mine")
    (tmp_path / "mine" / "card.json").write_text('{"complete": false}')
    assert was_interrupted(tmp_path / "mine")


@pytest.mark.parametrize("closed", ["1>&-", "2>&-"])
def test_a_closed_stream_is_no_mistake(closed: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m tenfold read {shlex.quote(str(SEVEN))} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == ("" if closed.startswith("1") else "7  100 %\n")
    assert done.stderr == ""


def test_an_address_is_not_fetched_and_the_next_picture_is_read(run: Run) -> None:
    done = run("read", "https://example.com/7.jpg", SEVEN)
    assert done.returncode == 1
    assert "tenfold fetches nothing: try curl https://example.com/7.jpg | tenfold read -" in done.stderr
    assert done.stdout.endswith("7  100 %\n")


def test_errors_are_one_line_without_a_traceback(run: Run) -> None:
    for arguments in (
        ["evaluate", "nothing"],
        ["train", "article", "--data", "nowhere"],
        ["train", "article", "--alpha", "1"],
    ):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("tenfold: ")


def test_compiling_for_the_first_time_says_so_once(run: Run, tmp_path: Path) -> None:
    first = run("train", "article", NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert "compiling update" in first.stderr
    second = run("train", "article", NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert "compiling" not in second.stderr


def test_a_terminal_sees_a_progress_bar_and_a_pipe_does_not(run: Run) -> None:
    assert run("train", "article", "--images", "60000").stderr.count("training") == 0
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "tenfold", "train", "article", "--images", "60000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal, env=os.environ | {"TERM": "xterm"})
    os.close(terminal)
    seen = b""
    while True:
        try:
            seen += os.read(main, 4096)
        except OSError:  # the terminal closes with its last user
            break
    os.close(main)
    assert process.wait(timeout=60) == 0
    assert b"training" in seen
    assert b"/300000" in seen


def cpu_seconds(*command: str) -> float:
    """The processor time of a process, which other processes change little."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "floor", "limit"),
    [
        (["--help"], "import typer", 1.5),
        (["--version"], "import typer", 1.5),
        (["read", str(SEVEN)], "import typer, numpy, cv2, PIL.Image, onnxruntime", 1.5),
    ],
    ids=["help", "version", "read"],
)
def test_a_cold_start_takes_little_more_than_the_import_of_its_libraries(
    arguments: list[str], floor: str, limit: float
) -> None:
    pairs = [(cpu_seconds("-m", "tenfold", *arguments), cpu_seconds("-c", floor)) for _ in range(7)]
    ratios = sorted(mine / bare for mine, bare in pairs)
    assert ratios[3] < limit, ratios


COMMANDS = ["", "read", "train", "train article", "train digits", "evaluate", "ladder", "serve"]


@pytest.mark.parametrize("command", COMMANDS)
def test_h_is_short_for_help_on_every_command(command: str, run: Run) -> None:
    short, long = (run(*command.split(), option) for option in ("-h", "--help"))
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
