#!/usr/bin/env bash
# Build the wheel, install it with [fast,serve] for one version of Python, and run the quick unit tests against it.
set -euo pipefail
version=$1
python=
for candidate in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
    if "$candidate" --version > /dev/null 2>&1; then python=$candidate; fi
done
[ -n "$python" ] || { echo "Python $version is not installed: skipped"; exit 0; }
venv=build/python-$version
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv"/bin/pip install --quiet --disable-pip-version-check '.[fast,serve]' pytest pytest-xdist hypothesis httpx scikit-learn
"$venv"/bin/python --version
"$venv"/bin/pytest -n 2 --dist loadfile -m "not slow and not browser and not torch" tests/unit
