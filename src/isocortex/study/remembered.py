"""What networks showed when they were loaded, kept in the folder of results for the next plan."""

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from isocortex.datasets.weights import local_weights
from isocortex.errors import NotFoundError
from isocortex.store.atomic import whole
from isocortex.study.keys import NUMERICS, key_of
from isocortex.study.looks import Look
from isocortex.study.sources import NetworkSource

LOOKS = "networks.json"
_LIBRARIES = ("isocortex", "torch", "torchvision", "timm", "transformers")


class Remembered:
    """Looks of networks, each as long as nothing that it follows from has changed."""

    def __init__(self, results: Path):
        self._path = results / LOOKS
        self._held = _read(self._path)
        self._used: dict[str, Any] = {}

    def get(self, key: str | None) -> Look | None:
        """What a network showed; None where that is not known."""
        if key is None or key not in self._held:
            return None
        self._used[key] = self._held[key]
        with suppress(KeyError, TypeError, ValueError):
            return Look.of(self._held[key])
        return None

    def put(self, key: str | None, look: Look) -> None:
        """Remember what a network showed."""
        if key is not None:
            self._used[key] = look.plain()

    def write(self) -> None:
        """Keep what this study uses; where the folder cannot be written to, nothing is kept."""
        if self._used == self._held:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole(self._path) as draft:
                draft.write_text(json.dumps(self._used), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if isinstance(held, dict) else {}
    return {}


def look_key(source: NetworkSource, contents: str, in_time: bool, folder: Path) -> str | None:
    """A key of all that a look at a network follows from; None where that cannot be told.

    Weights that lie in files are known by the size and times of these, those of a library by its
    version. What a hub's name stands for may change at any time, and is looked at again.
    """
    name = source.source or source.name
    place = folder / name
    if source.feature is not None:
        return None
    if place.exists() and ("/" in name or "." in name):
        files = [*_states(place)]
    elif "/" in name:
        return None
    else:
        files = []
    if source.weights != "random":
        weights = _weights(source.weights or name, folder)
        if source.weights is not None and weights is None:
            return None
        files += [] if weights is None else _states(weights)
    said = source.model_dump(mode="json", exclude={"beside"})
    return key_of("look", said, files, contents, in_time, _versions(), NUMERICS)


def _weights(given: str, folder: Path) -> Path | None:
    if (folder / given).exists():
        return folder / given
    with suppress(NotFoundError):
        return local_weights(given)
    return None


def _states(path: Path) -> Iterator[list[Any]]:
    """Name, size and times of a file, or of each in a folder."""
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        stat = each.stat()
        yield [str(each), stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _versions() -> list[str]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(version(name))
        except PackageNotFoundError:
            found.append("")
    return found
