"""How frequent words are in a language."""

from functools import cache
from typing import Any

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, MissingDependencyError
from isocortex.features.rows import responses, words_of
from isocortex.features.unknown import filled


@door
def log_frequency(
    words: Stimuli | Responses, language: str = "en", *, unknown: str | None = None
) -> Responses:
    r"""How frequent each word is, on Zipf's scale, from the lists of ``wordfreq`` [1]_.

    .. math:: \log_{10} \text{(occurrences in a billion words)}

    Parameters
    ----------
    words : Stimuli or Responses
        The words of a running text.
    language : str, default="en"
        Its code: ``"de"``, ``"fr"``, ``"nl"`` …
    unknown : {"zero", "mean", "refuse"}, optional
        What stands for words that the lists do not have. Default: zero, which is the scale's own
        value for one occurrence in a billion words or fewer, with a warning that counts them.

    Returns
    -------
    Responses
        One unit, from 0 to about 8, rounded to hundredths as ``wordfreq.zipf_frequency`` gives
        it, with the table of the words. Words are looked up whatever their case.
        Beside :func:`word_rate` it is to be centred: ``resample(..., centre=True)``; the sum of
        values far from 0 is mostly the number of words.

    Raises
    ------
    InputError
        If these are no words, there is no list of the language, or unknown words are refused.
    MissingDependencyError
        If wordfreq is not installed, or what it needs for this language is not.

    Warns
    -----
    IsocortexWarning
        With the count of words that the lists do not have.

    See Also
    --------
    word_rate, word_length : What else is known of a word alone.
    embedding : What a word means.

    References
    ----------
    .. [1] R. Speer, "rspeer/wordfreq", 2022, https://doi.org/10.5281/zenodo.7199437

    Examples
    --------
    >>> import isocortex as ic
    >>> story = {"word": ["the", "Rabbit"], "onset": [0.0, 0.2], "offset": [0.2, 0.8]}
    >>> ic.features.log_frequency(ic.Stimuli.from_words(story)).numpy().ravel()
    array([7.73, 4.05])
    """
    found = words_of(words, "features.log_frequency")
    wordfreq = _wordfreq()
    _check_language(wordfreq, language)

    @cache
    def zipf(word: str) -> float:
        return wordfreq.zipf_frequency(word, language)

    try:
        values = np.array([[zipf(each)] for each in found.texts], dtype=float)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"features.log_frequency in {language!r} needs {error.name}: pip install "
            "'wordfreq[cjk]'."
        ) from error
    known = values[:, 0] > 0
    who = f"features.log_frequency: the list of {language!r} lacks"
    values, told = filled(values, known, found, unknown, who)
    choices = {"language": language, "scale": "Zipf", **told}
    return responses(values, found, ["log frequency"], "log_frequency", choices)


def _wordfreq() -> Any:
    try:
        import wordfreq
    except ImportError as error:
        raise MissingDependencyError(
            "features.log_frequency needs wordfreq, which is not installed: pip install "
            "'isocortex[text]'."
        ) from error
    return wordfreq


def _check_language(wordfreq: Any, language: str) -> None:
    codes = sorted(wordfreq.available_languages())
    if not isinstance(language, str) or language.partition("-")[0] not in codes:
        raise InputError(
            f"features.log_frequency: there is no list of words of language={language!r}. "
            f"{suggestion(language, codes)}Known: {listed(codes, 60)}."
        )
