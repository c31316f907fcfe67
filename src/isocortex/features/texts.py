"""Texts by the words that they hold, rare words counting more than common ones."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from isocortex.choice import is_whole, named
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, StorageError
from isocortex.features.rows import Texts, responses, texts_of
from isocortex.memory import available_bytes, gigabytes

_TOKEN = re.compile(r"\b\w\w+\b")


@door
def tf_idf(
    texts: Stimuli | Responses,
    *,
    tokens: Callable[[str], Sequence[str]] | None = None,
    n_words: int | None = None,
    documents: str | int | None = None,
) -> Responses:
    r"""How often each word of the vocabulary stands in each text, times how rare it is [1]_.

    .. math:: \mathrm{tf}(t, d) \left( \ln \frac{1 + n}{1 + \mathrm{df}(t)} + 1 \right)

    of n documents, of which df(t) hold the word. Rows of sentences are divided by their Euclidean
    length, as ``TfidfVectorizer`` of scikit-learn does by default. Each word of a running text has
    the rarity of itself, and zeros elsewhere: summed over the words of a volume
    (``ic.resample(..., method="sum")``) this is the product above, with the volume as the text.

    Parameters
    ----------
    texts : Stimuli or Responses
        Sentences, or the words of a running text.
    tokens : function, optional
        From a text to its words. Default: lower case, two or more letters or digits.
    n_words : int, optional
        Of the vocabulary, the most frequent; default all. Those of equal frequency by the alphabet.
    documents : str or int, optional
        For a running text, which words are one document: those with one entry in a column, such
        as ``"sentence"``, or so many one after the other within a run.

    Returns
    -------
    Responses
        A unit for each word of the vocabulary, in the order of the alphabet.

    Raises
    ------
    InputError
        If there is no word, or what the documents of a running text are is not known.
    StorageError
        If there is too little memory; give ``n_words``.

    See Also
    --------
    embedding : What words mean.
    log_frequency : How rare a word is in the language.

    References
    ----------
    .. [1] K. Sparck Jones, "A statistical interpretation of term specificity and its application
       in retrieval", Journal of Documentation 28, 11-21, 1972, https://doi.org/10.1108/eb026526

    Examples
    --------
    >>> import isocortex as ic
    >>> sentences = ic.Stimuli.from_sentences(["The cat sat.", "The dog sat down."])
    >>> found = ic.features.tf_idf(sentences)
    >>> found.units["feature"].tolist()
    ['cat', 'dog', 'down', 'sat', 'the']
    >>> found.numpy()[0].round(3)
    array([0.705, 0.   , 0.   , 0.502, 0.502])
    """
    found = texts_of(texts, "features.tf_idf")
    if n_words is not None and (not is_whole(n_words) or n_words < 1):
        raise InputError(f"features.tf_idf: n_words={n_words!r} must be a whole number from 1.")
    cut = _tokens if tokens is None else tokens
    counts = [Counter(cut(each)) for each in found.texts]
    of = _documents(found, documents)
    terms = _vocabulary(counts, n_words)
    values = np.zeros(_room(len(counts), len(terms)))
    for row, held in enumerate(counts):
        for term, count in held.items():
            if term in terms:
                values[row, terms[term]] = count
    values *= _rarity(counts, of, terms)
    if not found.are_words:
        length = np.linalg.norm(values, axis=1, keepdims=True)
        values /= np.where(length > 0, length, 1.0)
    choices = {
        "tokens": "lower case, 2 or more letters or digits" if tokens is None else named(tokens),
        "documents": f"{len(set(of))} of {_said(documents, found)}",
    }
    return responses(values, found, list(terms), "tf_idf", choices)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _vocabulary(counts: Sequence[Counter], n_words: int | None) -> dict[str, int]:
    """The column of each word."""
    total: Counter = Counter()
    for each in counts:
        total.update(each)
    if not total:
        raise InputError("features.tf_idf: no text holds a word of two or more letters.")
    ranked = sorted(total, key=lambda term: (-total[term], term))[:n_words]
    return {term: column for column, term in enumerate(sorted(ranked))}


def _rarity(counts: Sequence[Counter], of: Sequence[Hashable], terms: dict[str, int]) -> np.ndarray:
    """Of each word of the vocabulary."""
    held_by: dict[str, set[Hashable]] = {term: set() for term in terms}
    for document, held in zip(of, counts, strict=True):
        for term in held.keys() & terms.keys():
            held_by[term].add(document)
    df = np.array([len(held_by[term]) for term in terms], dtype=float)
    return np.log((1 + len(set(of))) / (1 + df)) + 1


def _documents(texts: Texts, given: str | int | None) -> list[Hashable]:
    """Which document each row is of; sentences are one each."""
    if not texts.are_words:
        if given is not None:
            raise InputError(
                "features.tf_idf: documents= is for a running text; each sentence is a document."
            )
        return list(range(len(texts)))
    column = "sentence" if given is None else given
    if isinstance(column, str):
        if column not in texts.table.columns:
            raise InputError(
                f"features.tf_idf: the words have no column {column!r} that says which of them "
                "are one document. Give documents= a column, or a number of words."
            )
        return texts.table[column].tolist()
    if not is_whole(column) or column < 1:
        raise InputError(f"features.tf_idf: documents={given!r} must be a column or from 1.")
    runs = texts.table["run"].tolist() if "run" in texts.table.columns else [""] * len(texts)
    place: Counter = Counter()
    found: list[Hashable] = []
    for run in runs:
        found.append((run, place[run] // column))
        place[run] += 1
    return found


def _said(documents: str | int | None, texts: Texts) -> str:
    if not texts.are_words:
        return "one sentence each"
    return f"{documents} words" if is_whole(documents) else f"column {documents or 'sentence'!r}"


def _room(n_rows: int, n_columns: int) -> tuple[int, int]:
    declared = 8 * n_rows * n_columns
    if 2 * declared > available_bytes():
        raise StorageError(
            f"features.tf_idf: {n_rows} texts by {n_columns} words are {gigabytes(declared)}; take "
            "the most frequent ones with n_words=."
        )
    return n_rows, n_columns
