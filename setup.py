"""Keep stray modules of a dirty checkout out of distributions; pyproject.toml holds everything else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildTrackedModules(build_py):  # type: ignore[misc]
    """Build only the modules that git tracks; all modules where there is no repository, as in an unpacked archive."""

    def run(self) -> None:
        """Build from scratch: modules renamed since the last build would stay in build/lib, and be packed."""
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """The modules of a package: its name, the module's name, the file."""
        modules: list[tuple[str, str, str]] = super().find_package_modules(package, package_dir)
        if not Path(".git").exists():
            return modules
        listed = subprocess.run(["git", "ls-files", "--", package_dir], capture_output=True, text=True, check=True)
        tracked = {Path(line) for line in listed.stdout.splitlines()}
        return [module for module in modules if Path(module[2]) in tracked]


setup(cmdclass={"build_py": BuildTrackedModules})
