"""HDF5 files, written whole or not at all, also where the disk fills up in the middle.

The HDF5 library does not survive a write that fails: what it holds can be neither written nor
dropped, and the process dies at its end. So it is never told; what the system said is raised
when the library has closed the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isocortex.store.atomic import whole


class _Forgiving:
    """A file opened without a buffer that remembers its first error and goes on as if written."""

    def __init__(self, file: Any):
        self._file = file
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        size = len(view)
        try:
            while view and self.error is None:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        try:
            return self._file.truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def readinto(self, room: Any) -> int:
        count = self._file.readinto(room)
        if self.error is not None:
            room[count:] = bytes(len(room) - count)  # What was never written reads as nothing.
            count = len(room)
        return count

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        return None


@contextmanager
def whole_hdf5(path: str | Path, user_block: bytes = b"") -> Iterator[Any]:
    """Give an open ``h5py.File``; the file is at ``path`` if all went well.

    Parameters
    ----------
    path : path
    user_block : bytes, optional
        What stands in the file before all that HDF5 writes; 512 bytes, or none.

    Raises
    ------
    StorageError
        If the folder cannot be written to, or the disk is full.
    """
    import h5py

    with whole(path) as draft, draft.open("w+b", buffering=0) as raw:
        forgiving = _Forgiving(raw)
        try:
            with h5py.File(forgiving, "w", userblock_size=len(user_block)) as file:
                yield file
            forgiving.seek(0)
            forgiving.write(user_block)
        except Exception:
            if forgiving.error is None:
                raise
        if forgiving.error is not None:
            raise forgiving.error
