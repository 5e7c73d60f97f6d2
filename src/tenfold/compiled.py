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


class Compiled:
    """A function of arrays and numbers that runs compiled; `plain` is the same function, run by Python itself."""

    def __init__(self, plain: Callable[..., Any]) -> None:
        self.plain = plain
        self._known: set[tuple[Any, ...]] = set()
        functools.update_wrapper(self, plain)

    def __call__(self, *arguments: Any) -> Any:
        """Run compiled; with `NUMBA_DISABLE_JIT=1` in the environment, run by Python."""
        import numba

        if numba.config.DISABLE_JIT:
            return self.plain(*arguments)
        types = tuple(numba.typeof(argument) for argument in arguments)
        if types not in self._known:
            with _compiling, _vector_registers(), _announced(self.plain.__name__):
                self._function.compile(types)
                self._known.add(types)
        return self._function(*arguments)

    @functools.cached_property
    def _function(self) -> Any:
        import numba

        try:
            return numba.njit(cache=True, nogil=True)(self.plain)
        except RuntimeError:  # no folder to keep compiled code in can be written
            return numba.njit(nogil=True)(self.plain)


def compiled(plain: Callable[..., Any]) -> Compiled:
    """Decorate a function so that numba compiles it at its first call."""
    return Compiled(plain)


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
def _announced(name: str) -> Iterator[None]:
    """Log a line when numba starts to compile, but not when it finds the code on disk."""
    from numba.core import event

    class Announcement(event.Listener):  # type: ignore[misc]
        def on_start(self, _: Any) -> None:
            log.info("compiling %s for this processor; the result is kept for the next time", name.strip("_"))

        def on_end(self, _: Any) -> None:
            pass

    with event.install_listener("numba:compile", Announcement()):
        yield
