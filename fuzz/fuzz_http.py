"""Over 10,000 requests that schemathesis makes up from the server's own description: `make bench-serve` runs it.

It fails where an answer is 5xx, or has a status, type, header or body that the description does not name. Pictures
are among the bodies, whole and damaged. That a body is refused is no failure: no description can say which bytes are a
picture.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

from bench_server_load import served

ROOT = Path(__file__).parents[1]
PICTURES = [path.read_bytes() for path in sorted((ROOT / "samples").glob("*.jpg"))]
EXAMPLES = 2500  # for each of the five routes that take a body
FEWEST = 10_000


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture with a few bytes replaced, and perhaps its end cut off."""
    picture = bytearray(draw(st.sampled_from(PICTURES)))
    for place in draw(st.lists(st.integers(0, len(picture) - 1), max_size=5)):
        picture[place] = draw(st.integers(0, 255))
    return bytes(picture[: draw(st.integers(1, len(picture)))])


schemathesis.openapi.media_type("image/jpeg", st.sampled_from(PICTURES) | damaged() | st.binary())


def main() -> None:
    with served() as (url, _):
        program = str(Path(sys.executable).with_name("schemathesis"))
        options = ["--exclude-checks", "positive_data_acceptance", "--workers", "2", "--continue-on-failure"]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "schema", "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [program, "run", f"{url}/openapi.json", "--no-color", "--max-examples", str(EXAMPLES), *options],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    print(done.stdout)
    made = re.search(r"([\d,]+) generated", done.stdout)
    if done.returncode or made is None or int(made[1].replace(",", "")) < FEWEST:
        sys.exit(f"schemathesis found something, or made fewer than {FEWEST:,} requests")


if __name__ == "__main__":
    main()
