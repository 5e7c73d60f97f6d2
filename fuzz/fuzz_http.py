"""Fuzz the HTTP service with over 10,000 requests that schemathesis makes from its schema (`make bench-serve`).

It fails if a response is 5xx, or has a status, type, header or body that is not in the schema. The bodies include
pictures, intact and damaged. A rejected body is not a failure, because a schema cannot say which bytes are a picture.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from bench_server_load import served

ROOT = Path(__file__).parents[1]
PICTURES = [path.read_bytes() for path in sorted((ROOT / "samples").glob("*.jpg"))]
EXAMPLES = 2500  # for each of the five routes that accept a body
MIN_REQUESTS = 10_000


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture with a few bytes replaced, and perhaps its end cut off."""
    picture = bytearray(draw(st.sampled_from(PICTURES)))
    for index in draw(st.lists(st.integers(0, len(picture) - 1), max_size=5)):
        picture[index] = draw(st.integers(0, 255))
    return bytes(picture[: draw(st.integers(1, len(picture)))])


schemathesis.openapi.media_type("image/jpeg", st.sampled_from(PICTURES) | damaged() | st.binary())


def main() -> None:
    with served() as (url, _):
        program = str(Path(sys.executable).with_name("schemathesis"))
        options = ["--exclude-checks", "positive_data_acceptance", "--workers", "2", "--continue-on-failure"]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "fuzz_http", "PYTHONPATH": os.pathsep.join(sys.path)}
        result = subprocess.run(
            [program, "run", f"{url}/openapi.json", "--no-color", "--max-examples", str(EXAMPLES), *options],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    print(result.stdout)
    generated = re.search(r"([\d,]+) generated", result.stdout)
    if result.returncode or generated is None or int(generated[1].replace(",", "")) < MIN_REQUESTS:
        sys.exit(f"schemathesis found something, or made fewer than {MIN_REQUESTS:,} requests")


if __name__ == "__main__":
    main()
