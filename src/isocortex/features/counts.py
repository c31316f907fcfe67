"""How many words there are, and how long each is."""

import numpy as np

from isocortex.choice import one_of
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.features.rows import Texts, responses, words_of


@door
def word_rate(words: Stimuli | Responses) -> Responses:
    """One for each word: what becomes the number of words in each volume.

    Parameters
    ----------
    words : Stimuli or Responses
        The words of a running text.

    Returns
    -------
    Responses
        One unit, which is 1 for every word, with the table of the words. Brought to volumes
        (``method="lanczos"`` or ``"sum"``) it is the word rate; a mean over words is constant.

    Raises
    ------
    InputError
        If these are no words.

    See Also
    --------
    word_length, log_frequency : What else is known of a word alone.
    isocortex.Stimuli : ``from_words`` reads words with their times.

    Examples
    --------
    >>> import isocortex as ic
    >>> story = {"word": ["Alice", "was"], "onset": [20.06, 20.62], "offset": [20.62, 20.84]}
    >>> rate = ic.features.word_rate(ic.Stimuli.from_words(story))
    >>> rate.numpy().ravel(), rate.table["onset"].tolist()
    (array([1., 1.]), [20.06, 20.62])
    """
    found = words_of(words, "features.word_rate")
    return responses(np.ones((len(found), 1)), found, ["word rate"], "word_rate")


@door
def word_length(words: Stimuli | Responses, measure: str = "letters") -> Responses:
    """How long each word is, in letters or in seconds.

    Parameters
    ----------
    words : Stimuli or Responses
        The words of a running text.
    measure : {"letters", "seconds"}, default="letters"
        Letters and digits of any script, without apostrophes, hyphens and points; or from
        onset to offset.

    Returns
    -------
    Responses
        One unit, with the table of the words.
        Beside :func:`word_rate` it is to be centred: ``resample(..., centre=True)``; the sum of
        values far from 0 is mostly the number of words.

    Raises
    ------
    InputError
        If these are no words, or have no times where seconds are asked for.

    See Also
    --------
    word_rate, log_frequency : What else is known of a word alone.

    Examples
    --------
    >>> import isocortex as ic
    >>> story = {"word": ["rabbit-hole", "'s"], "onset": [0.0, 0.9], "offset": [0.9, 1.0]}
    >>> words = ic.Stimuli.from_words(story)
    >>> ic.features.word_length(words).numpy().ravel()
    array([10.,  1.])
    """
    found = words_of(words, "features.word_length")
    count = _MEASURES[one_of(measure, _MEASURES, "measure")]
    return responses(
        count(found)[:, None], found, ["word length"], "word_length", {"measure": measure}
    )


def _letters(words: Texts) -> np.ndarray:
    return np.array([float(sum(map(str.isalnum, each))) for each in words.texts])


def _seconds(words: Texts) -> np.ndarray:
    if not {"onset", "offset"} <= set(words.table.columns):
        raise InputError(
            "features.word_length in seconds needs columns 'onset' and 'offset' in the table of "
            "the words."
        )
    return (words.table["offset"] - words.table["onset"]).to_numpy(dtype=float)


_MEASURES = {"letters": _letters, "seconds": _seconds}
