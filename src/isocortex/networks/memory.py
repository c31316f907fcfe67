"""How much memory there is."""

import os
from pathlib import Path

_FALLBACK = 4 * 2**30


def available_bytes() -> int:
    """Memory that can be taken without harm, within the limits of a container."""
    found = [each for each in (_from_meminfo(), _from_cgroup()) if each is not None]
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


def gigabytes(n_bytes: float) -> str:
    """A size in words: ``"1.9 GB"``, ``"12 MB"``."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes / 1e3:.3g} kB"
