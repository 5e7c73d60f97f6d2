"""Loops in plain Python, compiled by numba when they are first called.

Knows when to import numba and how to make LLVM use the whole width of the processor. Does not know what the loops
compute.

Compiling changes no bit of a result: neither fast-math nor fused multiply-add is allowed, so every sum keeps its order
and every operation its rounding. Numba keeps compiled code on disk; the first call on a machine takes a second or so.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger("tenfold")

_compiling = threading.RLock()


class compiled:  # noqa: N801 (it is used as a decorator)
    """Decorate a function of arrays and numbers so that numba compiles it at its first call.

    Attributes:
        plain: the same function, run by Python itself.
    """

    def __init__(self, plain: Callable[..., Any]) -> None:
        self.plain = plain
        self._function: Any = None
        functools.update_wrapper(self, plain)

    def __call__(self, *arguments: Any) -> Any:
        """Run compiled; with `NUMBA_DISABLE_JIT=1` in the environment, run by Python."""
        import numba

        if numba.config.DISABLE_JIT:
            return self.plain(*arguments)
        types = tuple(numba.typeof(argument) for argument in arguments)
        if self._function is None or types not in self._function.overloads:
            with _compiling, _vector_registers():
                self._compile(types)
        return self._function(*arguments)

    def _compile(self, types: tuple[Any, ...]) -> None:
        import numba

        try:
            function = self._function or numba.njit(cache=True, nogil=True)(self.plain)
            with _announced(function):
                function.compile(types)
        except Exception:  # noqa: BLE001 (the folder of compiled code may be read-only, full or damaged in any way)
            function = numba.njit(nogil=True)(self.plain)
            with _announced(function):
                function.compile(types)
        self._function = function


@contextmanager
def _vector_registers() -> Iterator[None]:
    """Let LLVM put neighbouring sums into one vector register, which numba leaves off by default."""
    import numba

    before = numba.config.SLP_VECTORIZE
    numba.config.SLP_VECTORIZE = 1
    try:
        yield
    finally:
        numba.config.SLP_VECTORIZE = before


@contextmanager
def _announced(function: Any) -> Iterator[None]:
    """Log a line when numba starts to compile a function, but not when it finds the code on disk."""
    from numba.core import event

    class Announcement(event.Listener):  # type: ignore[misc]
        def on_start(self, event: Any) -> None:
            if event.data["dispatcher"] is function:
                log.info("compiling %s for this processor", function.__name__.strip("_"))

        def on_end(self, event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Announcement()):
        yield
