"""Expressions that choose columns of BData: ``"ROI_V1 = 1 | ROI_V2 = 1"``."""

import fnmatch
import re
from collections.abc import Callable, Mapping

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>[=|&+\-()])|(?P<word>[^\s=|&+\-()"']+))"""
)
_NUMBER = re.compile(r"[\d.]+")

Look = Callable[[str], np.ndarray]


def evaluate(expression: str, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which columns an expression chooses.

    A key stands for the columns whose entry is 1; ``*`` in it matches anything. ``key = 1`` is
    the same, ``key = 0`` the rest, ``key = x`` the columns whose entry is x. ``|`` and ``+``
    unite, ``&`` intersects, ``-`` takes away; all four from left to right.

    Parameters
    ----------
    expression : str
    rows : mapping from key to array, shape (n_columns,)

    Returns
    -------
    chosen : boolean array, shape (n_columns,)

    Raises
    ------
    InputError
        If it cannot be understood, or a key is not there.
    """
    tokens = _tokens(expression)
    chosen, rest = _sum(tokens, rows, expression)
    if rest:
        raise _not_understood(expression, rest[0][1])
    return chosen


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    text = expression.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _not_understood(expression, text[place:])
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind].strip("\"'") if kind == "quoted" else found[kind]))
        place = found.end()
    if not tokens:
        raise InputError("A BData selector must not be empty; write for example 'ROI_V1 = 1'.")
    return tokens


def _sum(tokens, rows, expression):
    left, tokens = _one(tokens, rows, expression)
    while tokens and tokens[0][1] in "|&+-" and tokens[0][0] == "sign":
        sign = tokens[0][1]
        right, tokens = _one(tokens[1:], rows, expression)
        left = {"|": left | right, "+": left | right, "&": left & right, "-": left & ~right}[sign]
    return left, tokens


def _one(tokens, rows, expression):
    if not tokens:
        raise _not_understood(expression, "its end")
    (kind, text), tokens = tokens[0], tokens[1:]
    if (kind, text) == ("sign", "("):
        chosen, tokens = _sum(tokens, rows, expression)
        if not tokens or tokens[0] != ("sign", ")"):
            raise _not_understood(expression, "a bracket that is not closed")
        return chosen, tokens[1:]
    if kind == "sign":
        raise _not_understood(expression, text)
    if len(tokens) > 1 and tokens[0] == ("sign", "="):
        value = tokens[1][1]
        if not _NUMBER.fullmatch(value):
            raise _not_understood(expression, value)
        return _equal(text, float(value), rows), tokens[2:]
    return _equal(text, 1.0, rows), tokens


def _equal(key: str, value: float, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    if value == 0:
        return ~_equal(key, 1.0, rows)
    keys = [each for each in rows if fnmatch.fnmatchcase(each, key)]
    if not keys:
        raise InputError(
            f"This BData has no key {key!r}. {suggestion(key, rows)}It has: {listed(rows, 20)}."
        )
    return np.any([rows[each] == value for each in keys], axis=0)


def _not_understood(expression: str, at: str) -> InputError:
    return InputError(
        f"The BData selector {expression!r} is not understood at {at!r}. Write keys, '= number', "
        "| & + - and brackets, such as 'ROI_V1 = 1 | ROI_V2 = 1'."
    )
