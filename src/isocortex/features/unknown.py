"""What becomes of words of which nothing is known: a choice of the user, and never silent."""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.choice import listed, one_of
from isocortex.errors import InputError, UndefinedError, warn
from isocortex.features.rows import Texts


def _mean(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not known.any():
        raise UndefinedError("No word is known, so there is no mean that could stand for them.")
    return values[known].mean(0)


def _zero(values: np.ndarray, known: np.ndarray) -> np.ndarray:  # noqa: ARG001
    return np.zeros(values.shape[1])


_STAND_INS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "zero": _zero,
    "mean": _mean,
}
UNKNOWN = ("refuse", *_STAND_INS)
"""What can become of them."""


def filled(
    values: np.ndarray, known: np.ndarray, words: Texts, unknown: str | None, who: str
) -> tuple[np.ndarray, dict[str, str]]:
    """Values of all words, and a label that says how many were unknown and what they became.

    Parameters
    ----------
    values : array, shape (n_words, n_units)
        Whatever stands in rows that are not known.
    known : bool array, shape (n_words,)
    words : Texts
    unknown : {"refuse", "zero", "mean"}, optional
        The mean is over words as they come, so that frequent ones count more. None: zero, which
        is said, as long as any word is known.
    who : str
        For errors, with what they are unknown to.

    Raises
    ------
    InputError
        If there are unknown words and they are refused.
    """
    chosen = one_of("zero" if unknown is None else unknown, UNKNOWN, "unknown")
    n = int((~known).sum())
    if not n:
        return values, {}
    different = list(dict.fromkeys(w for w, k in zip(words.texts, known, strict=True) if not k))
    told = f"{who} {n} of {len(words)} words, {len(different)} different ones: {listed(different)}."
    if chosen == "refuse" or (unknown is None and not known.any()):
        raise InputError(f"{told} Say what stands for them: unknown='zero' or unknown='mean'.")
    if unknown is None:
        warn(f"{told} They are 0; unknown= says so without this warning, or something else.")
    stand_in = _STAND_INS[chosen](values, known)
    filled_in = np.where(known[:, None], values, stand_in.astype(values.dtype))
    return filled_in, {"unknown": f"{n} as {chosen}"}
