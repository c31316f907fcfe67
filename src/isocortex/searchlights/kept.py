"""Chunks of a map on disk, so that a searchlight that was stopped goes on where it was.

Each chunk is a file of its own under a key of all that the map is made of. A file is there whole
or not at all, and carries a checksum behind its numbers.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from isocortex.errors import StorageError
from isocortex.reading import reading
from isocortex.store.atomic import whole
from isocortex.store.checksum import N_BYTES, behind

VERSION = 1


@dataclass(frozen=True)
class Kept:
    """The folder of one map."""

    folder: Path

    @classmethod
    def at(cls, store: str | Path, parts: Any) -> "Kept":
        """The folder for a map of this content; what functions do is part of it."""
        return cls(Path(store) / f"searchlight-{joblib.hash((VERSION, _content(parts)))}")

    def read(self, chunk: int, shape: tuple[int, ...]) -> np.ndarray | None:
        """A chunk that is there, or None.

        Raises
        ------
        StorageError
            If it is damaged.
        """
        path = self._path(chunk)
        if not path.is_file():
            return None
        with reading(path, "a part of a searchlight"):
            content = path.read_bytes()
        if len(content) < N_BYTES or behind(content[:-N_BYTES]) != content[-N_BYTES:]:
            raise StorageError(
                f"{str(path)!r} is damaged: its checksum is not that of its numbers. Delete it, "
                "and the searchlight makes it again."
            )
        with reading(path, "a part of a searchlight"):
            values = np.load(io.BytesIO(content[:-N_BYTES]), allow_pickle=False)
        return values if values.shape == shape else None

    def write(self, chunk: int, values: np.ndarray) -> None:
        """Keep a chunk; it appears under its name when it is whole."""
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=False)
        content = stream.getvalue()
        with whole(self._path(chunk)) as draft:
            draft.write_bytes(content + behind(content))

    def _path(self, chunk: int) -> Path:
        return self.folder / f"{chunk:06d}.npy"


def _content(part: Any) -> Any:
    """The same with every function replaced by its code, which is the same in every process."""
    if isinstance(part, tuple | list):
        return [_content(each) for each in part]
    if isinstance(part, dict):
        return {key: _content(each) for key, each in part.items()}
    if isinstance(part, Callable) and hasattr(part, "__code__"):
        code: Any = part.__code__
        closure = [_content(cell.cell_contents) for cell in part.__closure__ or ()]
        return [part.__qualname__, _code(code), _content(part.__defaults__ or ()), closure]
    return part


def _code(code: Any) -> Any:
    constants = [_code(each) if hasattr(each, "co_code") else repr(each) for each in code.co_consts]
    return [code.co_code, constants, list(code.co_names)]
