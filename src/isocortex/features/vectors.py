"""Vectors of those words that are wanted: from files, tables, mappings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.features.vector_files import read_npz_vectors, read_text_vectors

_TEXT = (".txt", ".vec", ".tsv")


@runtime_checkable
class KeyedVectors(Protocol):
    """Vectors as gensim keeps them, known by what they have."""

    key_to_index: Mapping[str, int]
    vectors: np.ndarray


@dataclass(frozen=True)
class Vectors:
    """The vectors of some words."""

    of: Mapping[str, np.ndarray]
    n: int
    """Numbers of each."""
    name: str = "embedding"
    """Of the file, without its ending."""
    columns: tuple[object, ...] = ()
    """What each number is called, where that is known."""


def vectors_of(given: Any, wanted: Collection[str]) -> Vectors:
    """The vectors of those wanted words that are there.

    Parameters
    ----------
    given : path, mapping, DataFrame or KeyedVectors of gensim
    wanted : collection of str

    Raises
    ------
    NotFoundError, FormatError, StorageError
        If a file is not there, damaged or of no known kind.
    InputError
        If it is none of these, a word has two vectors, or vectors differ in length.
    """
    if isinstance(given, str | Path):
        path = _file(Path(given))
        read = read_npz_vectors if path.suffix.lower() == ".npz" else read_text_vectors
        found = read(path, frozenset(wanted))
        return Vectors(*_checked(found, repr(str(path))), path.stem)
    if isinstance(given, pd.DataFrame):
        twice = given.index[given.index.duplicated() & given.index.isin(list(wanted))]
        if len(twice):
            raise InputError(f"features.embedding: the table has two rows of {listed(twice)}.")
        rows = given.loc[given.index.isin(list(wanted))]
        pairs = zip(map(str, rows.index), rows.to_numpy(), strict=True)
        of, n = _checked(dict(pairs), "the table", given.shape[1])
        return Vectors(of, n, columns=tuple(given.columns))
    if isinstance(given, KeyedVectors):
        places = given.key_to_index
        of = {word: given.vectors[places[word]] for word in wanted if word in places}
        return Vectors(*_checked(of, "KeyedVectors", given.vectors.shape[1]))
    if isinstance(given, Mapping):
        of = {word: given[word] for word in wanted if word in given}
        n = len(np.ravel(next(iter(given.values())))) if len(given) else 0
        return Vectors(*_checked(of, "the mapping", n))
    raise InputError(
        "features.embedding needs vectors: a file of GloVe or word2vec (text, or .npz with words "
        "and vectors), a mapping from words, or a DataFrame with words as its index, not "
        f"{type(given).__name__}."
    )


def _file(path: Path) -> Path:
    """The file, or the only one of vectors in a folder."""
    if path.is_dir():
        inside = [
            each for each in sorted(path.iterdir()) if each.suffix.lower() in (".npz", ".vec")
        ]
        if len(inside) != 1:
            raise InputError(
                f"features.embedding: the folder {str(path)!r} holds "
                f"{counted(len(inside), 'file')} of "
                "vectors; name the file."
            )
        return inside[0]
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r} to read vectors of words from.")
    if path.suffix.lower() not in (".npz", *_TEXT):
        raise FormatError(
            f"{str(path)!r} is of no kind that vectors of words are read from: .npz with words and "
            "vectors, or text (.txt, .vec), a word and its numbers in each line. Unpack archives, "
            "and save binary files of word2vec as text."
        )
    return path


def _checked(
    of: Mapping[str, Any], who: str, n: int | None = None
) -> tuple[dict[str, np.ndarray], int]:
    try:
        found = {word: np.asarray(each).reshape(-1) + 0.0 for word, each in of.items()}
    except (TypeError, ValueError):
        raise InputError(f"features.embedding: {who} holds vectors that are no numbers.") from None
    lengths = {len(each) for each in found.values()} | ({n} if n else set())
    if len(lengths) > 1:
        raise InputError(
            f"features.embedding: {who} has vectors of different lengths: {sorted(lengths)}."
        )
    bad = [word for word, each in found.items() if not np.isfinite(each).all()]
    if bad:
        raise InputError(f"features.embedding: {who} has NaN or infinity for {listed(bad)}.")
    return found, lengths.pop() if lengths else 0
