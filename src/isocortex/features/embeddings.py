"""What words mean: vectors that were learnt from texts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.features.rows import responses, words_of
from isocortex.features.unknown import filled
from isocortex.features.vectors import KeyedVectors, vectors_of

_POINTS = '.,!?;:()[]{}"“”„«»…–—*_'


@door
def embedding(
    words: Stimuli | Responses,
    vectors: str | Path | Mapping[str, Any] | pd.DataFrame | KeyedVectors,
    *,
    unknown: str | None = None,
) -> Responses:
    """The vector of each word in GloVe, word2vec or whatever else has one for each word.

    A word is looked up as it is written, then in lower case, then without points around it, and
    then as the part before an apostrophe (``Dinah's`` as ``dinah``).

    Parameters
    ----------
    words : Stimuli or Responses
        The words of a running text.
    vectors : path, mapping or DataFrame
        A text file of GloVe or word2vec (a word and its numbers in each line), an archive
        ``.npz`` with the arrays ``words`` and ``vectors``, a mapping from words to arrays, a
        DataFrame with words as its index, or KeyedVectors of gensim.
    unknown : {"zero", "mean", "refuse"}, optional
        What stands for words without a vector: zeros, the mean over the words of this text that
        have one, or nothing (an error that counts and names them). Default: zeros, and a warning
        that counts and names them.

    Returns
    -------
    Responses
        A unit for each number of the vectors, with the table of the words. The label
        ``unknown`` says how many words had no vector; ``layer`` is the name of the file.

    Raises
    ------
    InputError
        If these are no words, vectors differ in length, or words have none and are refused.
    NotFoundError, FormatError
        If the file is not there, or damaged.

    Warns
    -----
    IsocortexWarning
        With the count of words that have no vector, where ``unknown`` does not say what they are.

    See Also
    --------
    tf_idf : Texts by the words that they hold.
    log_frequency, word_length : What is known of a word without its meaning.

    Examples
    --------
    >>> import isocortex as ic
    >>> story = {"word": ["Alice", "fell"], "onset": [0.0, 0.4], "offset": [0.4, 0.9]}
    >>> words = ic.Stimuli.from_words(story)
    >>> meanings = {"alice": [0.1, 0.2], "rabbit": [0.5, 0.5]}
    >>> found = ic.features.embedding(words, meanings, unknown="zero")
    >>> found.numpy(), found.labels["unknown"]
    (array([[0.1, 0.2],
           [0. , 0. ]]), '1 as zero')
    """
    found = words_of(words, "features.embedding")
    ways = {each: _ways(each) for each in dict.fromkeys(found.texts)}
    known = vectors_of(vectors, {way for each in ways.values() for way in each})
    of = {
        word: next((known.of[way] for way in each if way in known.of), None)
        for word, each in ways.items()
    }
    there = np.array([of[word] is not None for word in found.texts])
    kind = next((each.dtype for each in of.values() if each is not None), np.dtype(float))
    nothing = np.zeros(known.n, kind)
    values = np.array([nothing if (row := of[word]) is None else row for word in found.texts])
    who = f"features.embedding: {known.name} has no vector of"
    values, told = filled(values, there, found, unknown, who)
    units = known.columns or [f"{known.name} {i}" for i in range(known.n)]
    how = "as written, lower case, without points, before an apostrophe"
    return responses(values, found, units, known.name, {"looked_up": how, **told})


def _ways(word: str) -> tuple[str, ...]:
    """How a word may stand in a list, from the nearest to the farthest."""
    plain = word.replace("’", "'")
    bare = plain.lower().strip(_POINTS)
    ways = (word, plain, plain.lower(), bare, bare.partition("'")[0])
    return tuple(dict.fromkeys(each for each in ways if each))
