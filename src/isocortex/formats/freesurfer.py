"""Files of FreeSurfer with one number for each vertex: overlays (curv, thickness) and annotations.

nibabel reads them too, but believes the sizes that they declare.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.errors import FormatError, NotFoundError
from isocortex.reading import AGAIN, check_declared

OVERLAY, MESH = b"\xff\xff\xff", b"\xff\xff\xfe"
SUFFIXES = (
    ".curv",
    ".thickness",
    ".sulc",
    ".area",
    ".volume",
    ".avg_curv",
    ".area.pial",
    ".area.mid",
    ".curv.pial",
    ".jacobian_white",
)
"""How overlays are called that FreeSurfer writes; others begin with lh. or rh. as well."""
NOTHING = frozenset(
    (
        "unknown",
        "???",
        "medial_wall",
        "medialwall",
        "freesurfer_defined_medial_wall",
        "background+freesurfer_defined_medial_wall",
    )
)
"""Names of annotations, in lower case, that mean no region."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """The region of each vertex."""

    labels: np.ndarray
    """The row of each vertex in the table of regions, -1 for none, shape (n_vertices,)."""
    names: tuple[str, ...]
    """What the regions are called."""

    def inside(self) -> np.ndarray:
        """Where a region is: neither none nor the medial wall."""
        known = np.array([name.lower() not in NOTHING for name in self.names] + [False])
        return known[self.labels]

    def regions(self) -> list[str]:
        """The name of the region of each vertex, ``"unknown"`` for none."""
        names = [*self.names, "unknown"]
        return [names[label] for label in self.labels]


def holds_vertices(path: Path) -> bool:
    """Whether a file of a hemisphere (``lh.…``) says itself that it is an overlay or a mesh."""
    if not path.name.startswith(("lh.", "rh.")):
        return False
    with path.open("rb") as file:
        return file.read(3) in (OVERLAY, MESH)


def read_overlay(path: Path) -> np.ndarray:
    """The numbers of a file such as ``lh.thickness``, float32, shape (n_vertices,).

    Raises
    ------
    FormatError
        If it is a mesh, or not as long as it declares.
    """
    raw = _content(path)
    if raw[:3] == MESH:
        raise FormatError(
            f"{str(path)!r} holds a mesh (points and triangles); numbers for each vertex are in "
            "files such as lh.thickness."
        )
    if raw[:3] == OVERLAY and len(raw) >= 15:
        n, _, each = (int(number) for number in np.frombuffer(raw, ">i4", 3, 3))
        _check(path, 15 + 4 * n, raw, n > 0 and each == 1)
        return np.frombuffer(raw, ">f4", n, 15).astype(np.float32)
    # The form before 1999: the number of vertices in three bytes, hundredths in two.
    n = int.from_bytes(raw[:3], "big")
    _check(path, 6 + 2 * n, raw, n > 0)
    return (np.frombuffer(raw, ">i2", n, 6) / np.float32(100)).astype(np.float32)


def overlay_bytes(values: np.ndarray) -> bytes:
    """What ``read_overlay`` reads; a closed mesh of n vertices has 2 n - 4 triangles."""
    n = len(values)
    head = np.array([n, max(0, 2 * n - 4), 1], ">i4").tobytes()
    return OVERLAY + head + np.asarray(values, ">f4").tobytes()


def read_annotation(path: Path) -> Annotation:
    """The regions of a file such as ``lh.aparc.annot``.

    Raises
    ------
    FormatError
        If it is truncated, or has no table of regions.
    """
    file = _Numbers(path, _content(path))
    n = file.number("vertices")
    check_declared(path, 8 * n, len(file.raw) - 4, "its vertices")
    pairs = file.numbers(2 * n).reshape(n, 2)
    if not (np.sort(pairs[:, 0]) == np.arange(n)).all():
        raise file.damaged("some vertices come twice or never")
    colours = np.empty(n, np.int64)
    colours[pairs[:, 0]] = pairs[:, 1]
    names, codes = _table(file)
    order = np.argsort(codes, kind="stable")
    if not len(order):
        return Annotation(np.full(n, -1), ())
    at = np.minimum(np.searchsorted(codes[order], colours), len(order) - 1)
    found = order[at]
    # No region has the colour 0, which stands for none.
    known = (codes[found] == colours) & (colours != 0)
    return Annotation(np.where(known, found, -1), tuple(names))


def _table(file: "_Numbers") -> tuple[list[str], np.ndarray]:
    """Names of the regions, and the colours by which vertices point to them."""
    if file.number("a table of regions") != 1:
        raise file.damaged("it has no table of regions")
    n = file.number("regions")
    newer = n < 0
    if newer:
        if n != -2:
            raise file.damaged(f"its table of regions is of version {-n}")
        n = file.number("regions")
    if not 0 <= n <= len(file.raw):
        raise file.damaged(f"it declares {counted(n, 'region')}")
    file.text()  # The file that the table once came from.
    names, codes = [""] * n, np.zeros(n, np.int64)
    for place in range(file.number("regions") if newer else n):
        where = file.number("a region") if newer else place
        if not 0 <= where < n:
            raise file.damaged(f"it names region {where} of {n}")
        names[where] = file.text()
        red, green, blue, _ = (int(each) for each in file.numbers(4))
        codes[where] = red + (green << 8) + (blue << 16)
    return names, codes


class _Numbers:
    """The content of a file, taken in pieces; what is not there is damage."""

    def __init__(self, path: Path, raw: bytes):
        self.path, self.raw, self.at = path, raw, 0

    def numbers(self, n: int) -> np.ndarray:
        """The next ``n`` numbers of four bytes."""
        if n < 0 or self.at + 4 * n > len(self.raw):
            raise self.damaged("it ends too early")
        found = np.frombuffer(self.raw, ">i4", n, self.at).astype(np.int64)
        self.at += 4 * n
        return found

    def number(self, of: str) -> int:
        """The next number, which tells how many there are."""
        if self.at + 4 > len(self.raw):
            raise self.damaged(f"it ends before it says how many {of} it has")
        return int(self.numbers(1)[0])

    def text(self) -> str:
        """The next text, its length before it."""
        n = self.number("letters")
        if not 0 <= n <= len(self.raw) - self.at:
            raise self.damaged(f"it declares a name of {n} letters")
        found = self.raw[self.at : self.at + n]
        self.at += n
        return found.split(b"\0", 1)[0].decode("utf-8", "replace")

    def damaged(self, what: str) -> FormatError:
        """The error that says what."""
        return FormatError(
            f"{str(self.path)!r} is not an annotation of FreeSurfer, or is truncated or damaged "
            f"({what}). {AGAIN}"
        )


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    return path.read_bytes()


def _check(path: Path, declared: int, raw: Any, sound: bool) -> None:
    if not sound or declared != len(raw):
        raise FormatError(
            f"{str(path)!r} is not an overlay of FreeSurfer (such as lh.thickness), or is "
            f"truncated or damaged: it declares {declared} bytes and has {len(raw)}. {AGAIN}"
        )
