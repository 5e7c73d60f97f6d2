from __future__ import annotations

import os
import pty
import subprocess
import sys


def run_in_terminal(*arguments: str) -> tuple[str, bytes]:
    """Run `tenfold` with a pipe as standard output and a terminal as standard error; what each has seen."""
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "tenfold", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=terminal, env=os.environ | {"TERM": "xterm"}, text=True
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            seen += os.read(main, 4096)
        except OSError:  # the terminal closes with its last user
            break
    os.close(main)
    stdout, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return stdout, seen
