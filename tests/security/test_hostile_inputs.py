"""What an unkind or unlucky person hands in; each case once leaked something other than one TenfoldError."""

from __future__ import annotations

import bz2
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES, Run
from reference import plain_python
from tenfold.io.atomic_write import write_whole
from tenfold.io.image_files import MAX_BYTES, grey_pixels

SEVEN = SAMPLES / "7.jpg"


def closed() -> io.BytesIO:
    file = io.BytesIO(b"x")
    file.close()
    return file


class Raising:
    def read(self, _: int) -> bytes:
        raise ZeroDivisionError("odd")


@pytest.mark.parametrize("file", [closed(), Raising(), io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff"), "utf-8")])
def test_a_file_that_cannot_be_read_is_one_error_and_the_batch_goes_on(file: object) -> None:
    with pytest.raises(tenfold.PictureError, match="the open file cannot be read"):
        tenfold.read(file)  # type: ignore[arg-type]
    assert [r.digit for r in tenfold.Reader().read_many([file, SEVEN])] == [None, 7]  # type: ignore[list-item]


def test_a_file_that_hands_out_a_byte_at_a_time_is_read_whole() -> None:
    class Slow(io.BytesIO):
        def read(self, _: int | None = None) -> bytes:
            return super().read(100)

    assert tenfold.read(Slow(SEVEN.read_bytes())).digit == 7


def test_no_more_than_the_limit_is_asked_of_an_endless_file() -> None:
    asked = 0

    class Endless:
        def read(self, count: int) -> bytes:
            nonlocal asked
            asked += count
            return bytes(min(count, 1 << 20))

    with pytest.raises(tenfold.PictureError, match="over 64 MiB"):
        tenfold.read(Endless())  # type: ignore[arg-type]
    assert asked < 70 * MAX_BYTES


def test_a_memoryview_is_limited_by_its_bytes() -> None:
    with pytest.raises(tenfold.PictureError, match="over 64 MiB"):
        tenfold.read(memoryview(np.zeros(MAX_BYTES // 8 + 1)))  # type: ignore[arg-type]


def test_a_pil_image_is_left_as_it_was() -> None:
    with Image.open(SEVEN) as image:
        before = image.size, image.mode
        tenfold.read(image)
        assert (image.size, image.mode) == before


def test_a_picture_of_108_megapixels_is_read_without_a_warning() -> None:
    buffer = io.BytesIO()
    Image.new("1", (12_000, 9_000), 1).save(buffer, "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tenfold.read(buffer.getvalue()).problem is not None


def test_pillows_own_limit_is_never_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    opened = Image.open

    def watch(*arguments: object, **options: object) -> Image.Image:
        seen.append(Image.MAX_IMAGE_PIXELS)
        return opened(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image, "open", watch)
    tenfold.read(SEVEN)
    assert seen == [Image.MAX_IMAGE_PIXELS]


def test_a_large_array_of_floats_takes_little_memory() -> None:
    array = np.broadcast_to(np.int8(1), (11_000, 11_000, 4))
    assert max(grey_pixels(array).shape) < 2048


@pytest.mark.parametrize("most", [255, 1023, 4095, 65535])
def test_uint16_of_any_depth_is_read(most: int) -> None:
    with Image.open(SEVEN) as image:
        grey = np.asarray(image.convert("L"))
    deep = (grey.astype(np.float64) * most / 255).astype(np.uint16)
    deep[0, 0] = most
    for order in ("<u2", ">u2"):
        assert np.abs(grey_pixels(deep.astype(order)).astype(int) - grey)[1:].max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_large_scan_of_16_bits_is_read(kind: str) -> None:
    with Image.open(SEVEN) as image:
        large = np.asarray(image.convert("L").resize((3000, 3300))).astype(np.uint16) * 257
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, kind)
    assert tenfold.read(buffer.getvalue()).digit == tenfold.read(large).digit == 7


@pytest.mark.parametrize("alpha", ["1e-7", None, [1], 10**400])
def test_alpha_of_a_wrong_type_is_one_error(alpha: object) -> None:
    with pytest.raises(tenfold.NetworkError, match="alpha is"):
        tenfold.OneLayerNet(alpha)  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", ["x", [[1], [1, 2]], object(), np.zeros((10, 784), complex)])
def test_weights_of_a_wrong_type_are_one_error(weights: object) -> None:
    with pytest.raises(tenfold.NetworkError, match="weights"):
        tenfold.OneLayerNet(weights=weights)  # type: ignore[arg-type]


@pytest.mark.parametrize("epochs", ["5", None, 1.0, np.float64(2), -1])
def test_epochs_of_a_wrong_kind_are_one_error(epochs: object) -> None:
    with pytest.raises(tenfold.DataError, match="epochs is"):
        tenfold.OneLayerNet().fit(np.zeros((1, 784), np.uint8), [0], epochs)  # type: ignore[arg-type]


def test_epochs_may_be_numpys_small_integers_and_images_none() -> None:
    heard: list[tuple[int, int]] = []
    net = tenfold.OneLayerNet(1e-9)
    net.fit(np.ones((20, 784), np.uint8), [0] * 20, np.int8(100), lambda *count: heard.append(count))  # type: ignore[arg-type]
    assert heard[-1] == (2000, 2000)
    net.fit(np.zeros((0, 784), np.uint8), [], 10**9)


@pytest.mark.parametrize("path", [5, b"x", [], "a\0b", "n" * 5000])
def test_paths_of_any_kind_are_one_error(path: object) -> None:
    with pytest.raises(tenfold.DataError):
        tenfold.load_data(path)  # type: ignore[arg-type]
    with pytest.raises(tenfold.NetworkError):
        tenfold.load_network(path)  # type: ignore[arg-type]


def test_facts_that_are_no_json_are_one_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(tenfold.OutputError, match="card cannot be written"):
        tenfold.OneLayerNet().save(tmp_path / "net", fact=object())
    assert not (tmp_path / "net" / "weights.npz").exists()


def test_facts_cannot_hide_what_a_network_is(tmp_path: Path) -> None:
    tenfold.OneLayerNet().save(tmp_path, kind="other", note="mine")
    card = json.loads((tmp_path / "card.json").read_text())
    assert (card["kind"], card["note"]) == ("onelayer", "mine")
    assert '- note: "mine"' in (tmp_path / "README.md").read_text()


def member(data: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("kind.npy", data)
    return buffer.getvalue()


def npy(header: bytes, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    "data",
    [
        member(npy(b"(((")),
        member(npy(b"{b'descr': '<f8'}")),
        member(npy(b"{[]: 1}")),
        member(b"\x93NUMPY\x02\x00" + (500_000_000).to_bytes(4, "little")),
        member(npy(b"{'descr': '<U1', 'fortran_order': False, 'shape': (), }\n", b"\xff\xff\xff\xff")),
        member(b"x" * 100, zipfile.ZIP_LZMA),
        member(bz2.compress(b"x"), zipfile.ZIP_BZIP2),
    ],
)
def test_each_hostile_npz_is_one_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "weights.npz").write_bytes(data)
    with pytest.raises(tenfold.NetworkError) as raised:
        tenfold.load_network(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights.npz")
    with pytest.raises(tenfold.NetworkError, match="there is no such file"):
        tenfold.load_network(tmp_path)
    with pytest.raises(tenfold.OutputError, match="not an ordinary file"):
        write_whole(tmp_path / "weights.npz", b"x")


def test_weights_too_large_for_finite_scores_are_one_error() -> None:
    net = tenfold.OneLayerNet(weights=np.full((10, 784), 1e308))
    with pytest.raises(tenfold.NetworkError, match="too large"):
        tenfold.Reader(net).read(SEVEN)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_must_be_above_zero(temperature: float) -> None:
    with pytest.raises(tenfold.NetworkError, match="the temperature is"):
        tenfold.OneLayerNet().temperature = temperature


def test_a_reader_wants_a_network() -> None:
    with pytest.raises(tenfold.NetworkError, match="a NoneType is not a network"):
        tenfold.Reader(None)  # type: ignore[arg-type]


def test_a_path_is_always_a_folder_even_with_a_packaged_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tenfold.NetworkError, match="no network 'article'"):
        tenfold.load_network(Path("article"))
    tenfold.OneLayerNet(alpha=0.5).save("article")
    for name in (Path("article"), "./article"):
        net = tenfold.load_network(name)
        assert isinstance(net, tenfold.OneLayerNet)
        assert net.alpha == 0.5


def test_divergence_in_a_later_chunk_restores_the_weights_from_before(mnist: object) -> None:
    images = np.zeros((6000, 784), np.uint8)
    images[5500:] = 255
    net = tenfold.OneLayerNet(alpha=1e-3)
    before = net.weights
    with pytest.raises(tenfold.DivergenceError):
        net.fit(images, np.zeros(6000, np.uint8), 1)
    assert np.array_equal(net.weights, before)


def test_minus_zero_in_starting_weights_changes_no_bit() -> None:
    weights = np.full((10, 784), -0.0)
    image = np.zeros(784, np.uint8)
    image[5] = 9
    net = tenfold.OneLayerNet(-1e-3, weights).fit(image[None], [3], 2)
    rows = (weights + 0.0).tolist()
    plain_python.fit(rows, [image.tolist()], [3], 2, -1e-3)
    assert net.weights.tobytes() == np.array(rows).tobytes()


def test_compiling_leaves_numbas_settings_as_they_were() -> None:
    import numba

    tenfold.OneLayerNet().fit(np.ones((20, 784), np.uint8), [3] * 20, 1)
    assert numba.config.SLP_VECTORIZE == 0


def test_readers_in_many_threads_agree() -> None:
    reader = tenfold.Reader()
    expected = reader.read(SEVEN).probabilities
    results: list[bool] = []

    def work() -> None:
        results.extend(bool(np.array_equal(reader.read(SEVEN).probabilities, expected)) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 40


def test_a_damaged_or_forbidden_cache_of_compiled_code_only_costs_time(run: Run, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run("train", "article", NUMBA_CACHE_DIR=str(cache))
    for file in cache.rglob("*.nb*"):
        file.write_bytes(b"junk")
    done = run("train", "article", NUMBA_CACHE_DIR=str(cache))
    assert done.returncode == 0
    assert "74.47 %" in done.stdout


def test_closed_standard_input_and_a_full_disk_are_one_line(tmp_path: Path) -> None:
    program = f"{sys.executable} -m tenfold read"
    for line, status in ((f"{program} - <&-", 1), (f"{program} {SEVEN} > /dev/full", 1)):
        if "full" in line and not Path("/dev/full").exists():
            continue
        done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == status
        assert done.stderr.count("\n") == 1


def test_a_reader_of_the_results_that_goes_away_is_no_traceback() -> None:
    line = f"{sys.executable} -m tenfold read {SEVEN} {SEVEN} | head -c 0; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr


def test_names_that_the_terminal_cannot_show_are_escaped(run: Run, tmp_path: Path) -> None:
    name = "é.jpg"
    (tmp_path / name).write_bytes(SEVEN.read_bytes())
    done = run("read", name, name, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.startswith("\\xe9.jpg  7")


def test_interrupting_is_one_line_and_status_130(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tenfold", "train", "article", "--images", "60000", "--epochs", "2000"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # children of what ignores it ignore it
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    while "llvmlite" not in Path(f"/proc/{process.pid}/maps").read_text():  # until it trains
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    # CPython ends by the signal itself if it came while a string was executed; a shell shows 130 for both
    assert process.returncode in (130, -signal.SIGINT)
    assert stderr.splitlines()[-1] == "tenfold: interrupted"
    assert "Traceback" not in stderr


def test_two_results_in_one_file_are_refused_before_work(run: Run, tmp_path: Path) -> None:
    done = run("evaluate", "article", "--report", "r.html", "--mistakes", "r.html")
    assert done.returncode == 1
    assert "named for two results" in done.stderr
    done = run("train", "article", "--out", "no/where")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no folder" in done.stderr
    done = run("train", "article", "--out", "article")
    assert "would hide yours" in done.stderr
