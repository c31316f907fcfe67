"""Files of vectors of words: archives of numpy, and text of GloVe or word2vec.

Only vectors of wanted words are kept: such files have millions of others.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, reader
from isocortex.store.npz import read_npz

_LINE = 2**20
"""Bytes of the longest line that is read: a word and some ten thousand numbers."""


@reader("an archive of words and vectors", alone=True)
def read_npz_vectors(path: Path, wanted: Collection[str]) -> dict[str, np.ndarray]:
    """Of an archive with the arrays ``words`` and ``vectors``, one row for each word.

    Raises
    ------
    FormatError
        If it has other arrays, or a word twice.
    """
    held = read_npz(path, "an archive of words and vectors", lambda k: k in ("words", "vectors"))
    if set(held) != {"words", "vectors"}:
        raise FormatError(f"{str(path)!r} needs the arrays 'words' and 'vectors'.")
    words, vectors = held["words"], held["vectors"]
    if words.ndim != 1 or vectors.ndim != 2 or len(words) != len(vectors):
        raise FormatError(
            f"{str(path)!r}: 'words' has shape {words.shape} and 'vectors' {vectors.shape}; one "
            "row for each word is needed."
        )
    pairs = zip(map(str, words.tolist()), vectors, strict=True)
    return _each_once(((word, row) for word, row in pairs if word in wanted), path)


@reader("a text file of vectors", alone=True)
def read_text_vectors(path: Path, wanted: Collection[str]) -> dict[str, np.ndarray]:
    """Of a word and its numbers in each line; a first line of two counts is that of word2vec.

    Raises
    ------
    FormatError
        If a wanted line has another length, or there are fewer lines than the first one says.
    """
    with path.open("rb") as file:
        first = next(_lines(file, path), b"").split()
        n = _length(first, path)
        declared = int(first[0]) if len(first) == 2 else None
        if declared is None:
            file.seek(0)
        count = [0]
        sought = {each.encode(): each for each in wanted}
        found = _each_once(_pairs(_lines(file, path), n, sought, (path, count)), path)
    if declared is not None and count[0] != declared:
        raise FormatError(f"{str(path)!r} has {count[0]} words, but says {declared}. {AGAIN}")
    return found


def _length(first: list[bytes], path: Path) -> int:
    """How many numbers a line ends in."""
    try:
        if len(first) == 2:
            return int(first[0]) and int(first[1])
        numbers = np.array([float(each) for each in first[1:]])
    except ValueError:
        numbers = np.empty(0)
    if not len(numbers):
        raise FormatError(
            f"{str(path)!r} is no text file of vectors: its first line is neither two counts nor a "
            "word with its numbers."
        )
    return len(numbers)


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    while line := file.readline(_LINE):
        if len(line) == _LINE and not line.endswith(b"\n"):
            raise FormatError(f"{str(path)!r} has a line of more than {_LINE} bytes. {AGAIN}")
        yield line


def _pairs(
    lines: Iterable[bytes], n: int, wanted: dict[bytes, str], told: tuple[Path, list[int]]
) -> Iterator[tuple[str, np.ndarray]]:
    """Words that are wanted with their vectors; lines are counted on the way."""
    path, count = told
    for line in lines:
        word, *rest = line.rstrip().rsplit(maxsplit=n) or (b"",)
        count[0] += bool(word)
        head = line.split(maxsplit=1)[:1]
        if not head or head[0] not in wanted or (word != head[0] and len(rest) == n):
            continue  # Some words of GloVe have blanks in them.
        if len(rest) != n:
            raise FormatError(
                f"{str(path)!r}: the line of {wanted[head[0]]!r} has not {n} numbers. {AGAIN}"
            )
        yield wanted[word], np.array([float(each) for each in rest], dtype=np.float32)


def _each_once(pairs: Iterable[tuple[str, np.ndarray]], path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for word, vector in pairs:
        if word in found:
            raise FormatError(f"{str(path)!r} has two vectors of {word!r}.")
        found[word] = vector
    return found
