"""How much memory there is, and what is said where it is too little."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isocortex.errors import StorageError

FEWER = "Use fewer stimuli at a time."
"""The way out of what grows with the square of their number."""

_FALLBACK = 4 * 2**30
_ALWAYS_THERE = 2**24


def available_bytes() -> int:
    """Memory that can be taken without harm, within the limits of a container."""
    found = [each for each in (_from_meminfo(), _from_cgroup(), _from_limit()) if each is not None]
    if found:
        return min(found)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return _FALLBACK


def _from_meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable")]
    return int(kilobytes[0]) * 1024 if kilobytes else None


def _from_cgroup() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="utf8").strip()
        used = (folder / "memory.current").read_text(encoding="utf8").strip()
        return None if limit == "max" else max(0, int(limit) - int(used))
    except (OSError, ValueError):
        return None


def _from_limit() -> int | None:
    """What is left below a limit that was set by ``ulimit -v``."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        pages = int(Path("/proc/self/statm").read_text(encoding="utf8").split()[0])
        used = pages * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError, ValueError):
        return None
    return None if limit == resource.RLIM_INFINITY else max(0, limit - used)


@contextmanager
def within_memory(who: str, way_out: str) -> Iterator[None]:
    """Turn a lack of memory, or of threads, into a sentence; a decorator of verbs too.

    Parameters
    ----------
    who : str
        The verb.
    way_out : str
        What needs less: ends the sentence.

    Raises
    ------
    StorageError
        Where Python, numpy or torch could not have the memory that they asked for.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_lack(error):
            raise
        asked = str(error).strip().split("\n")[0].rstrip(".")
        raise StorageError(
            f"{who}: there is too little memory{f' ({asked})' if asked else ''}; "
            f"{gigabytes(available_bytes())} are free. {way_out}"
        ) from error


def is_lack(error: Exception) -> bool:
    """Whether an error says that memory or threads are lacking.

    By the words of Python's threads, and of torch on the processor and on a GPU."""
    words = (
        "can't start new thread",
        "can't allocate memory",
        "not enough memory",
        "out of memory",
    )
    return isinstance(error, MemoryError) or any(each in str(error) for each in words)


def refuse_square(who: str, n: int, copies: int = 1) -> None:
    """Stop before matrices of n x n stimuli are made that cannot be held.

    Raises
    ------
    StorageError
        If they need more than there is.
    """
    refuse_beyond(copies * 8 * n * n, f"{who}: matrices of {n} x {n} stimuli need", FEWER)


def refuse_beyond(needed: int, what: str, way_out: str = "", where: str = "of memory") -> None:
    """The one rule of what does not fit: said before anything is allocated.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        How the sentence begins, with its verb: ``"rdms: matrices need"``.
    way_out : str, optional
        What needs less, as a sentence.
    where : str, default="of memory"

    Raises
    ------
    StorageError
        If it is more than there is.
    """
    if needed < _ALWAYS_THERE:  # Asking the system takes longer than a small matrix.
        return
    free = available_bytes()
    if needed > free:
        told = f"{what} {gigabytes(needed)} {where}, but {gigabytes(free)} are free."
        raise StorageError(f"{told} {way_out}".rstrip())


def fitting(bytes_each: int, most: int) -> int:
    """How many things of this size may be held at once: at most so many, and one in any case."""
    if bytes_each * most < _ALWAYS_THERE:
        return most
    return max(1, min(most, available_bytes() // bytes_each))


def gigabytes(n_bytes: float) -> str:
    """A size in words: ``"1.9 GB"``, ``"12 MB"``."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes / 1e3:.3g} kB"
