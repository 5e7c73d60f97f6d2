"""Print the installed megabytes (10^6 bytes) of every package in the environment of the interpreter that runs this.

python -m venv build/plain && build/plain/bin/pip install . && build/plain/bin/python scripts/installed_size.py
"""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

INSTALLERS = {"pip", "setuptools", "wheel"}  # a virtual environment has them before anything is installed


def megabytes(distribution: Distribution) -> float:
    """The size of a package's files, compiled modules included."""
    paths = [Path(file.locate()) for file in distribution.files or []]
    return sum(path.stat().st_size for path in paths if path.exists()) / 1e6


def main() -> None:
    """Print a line for each package, largest first, and the sum."""
    sizes = {
        distribution.name: megabytes(distribution)
        for distribution in distributions()
        if distribution.name.lower() not in INSTALLERS
    }
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size:8.1f} MB  {name}")
    print(f"{sum(sizes.values()):8.1f} MB  in all")


if __name__ == "__main__":
    main()
