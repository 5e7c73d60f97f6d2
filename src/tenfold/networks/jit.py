"""Loops in plain Python, compiled by numba at their first call. Does not know what the loops compute.

Compiling changes no bit of a result: neither fast-math nor fused multiply-add is allowed, so every sum keeps its order
and every operation its rounding. Numba caches compiled code on disk; the first call on a machine takes about a second.

Numba is optional (the extra [fast]). Without it the networks use NumPy or the loops as they are.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger("tenfold")

_compiling = threading.RLock()


@functools.cache
def numba_is_installed() -> bool:
    """True if loops can be compiled. The first time they cannot, the log says how to make training fast."""
    if importlib.util.find_spec("numba") is not None:
        return True
    log.info("numba is not installed, so training is slow: pip install numba")
    return False


class compiled:  # noqa: N801 (it is used as a decorator)
    """Decorate a function of arrays and numbers so that numba compiles it at its first call.

    Without numba, or with `NUMBA_DISABLE_JIT=1` in the environment, Python runs the function.

    Attributes:
        plain: the function as it was written.
    """

    def __init__(self, plain: Callable[..., Any]) -> None:
        self.plain = plain
        self._function: Any = None
        functools.update_wrapper(self, plain)

    def __call__(self, *arguments: Any) -> Any:
        """Run the function, compiled if possible."""
        if not numba_is_installed():
            return self.plain(*arguments)
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
        except Exception:  # noqa: BLE001 (the cache folder may be read-only, full or damaged in any way)
            function = numba.njit(nogil=True)(self.plain)
            with _announced(function):
                function.compile(types)
        self._function = function


@contextmanager
def _vector_registers() -> Iterator[None]:
    """Let LLVM pack neighbouring sums into one vector register, which numba does not do by default."""
    import numba

    before = numba.config.SLP_VECTORIZE
    numba.config.SLP_VECTORIZE = 1
    try:
        yield
    finally:
        numba.config.SLP_VECTORIZE = before


@contextmanager
def _announced(function: Any) -> Iterator[None]:
    """Log a line when numba starts to compile a function, but not when it loads it from the cache."""
    from numba.core import event

    class Announcement(event.Listener):  # type: ignore[misc]
        def on_start(self, event: Any) -> None:
            if event.data["dispatcher"] is function:
                log.info("compiling %s for this processor", function.__name__.strip("_"))

        def on_end(self, event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Announcement()):
        yield
