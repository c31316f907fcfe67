"""Clitics that aligners write as words of their own: ``Dinah`` and ``'ll``."""

import re

import pandas as pd

# 's, 'll, 've, 'd, 're, 'm and 't; 'tis and 'twas are words.
_CLITIC = re.compile(r"['’][a-z]{1,2}", re.IGNORECASE)
_WORDS = frozenset(("em",))
_POINTS = re.compile(r"[.,!?;:]+")


def is_clitic(word: str) -> bool:
    """Whether it belongs to the word before: an apostrophe and at most two letters, or points."""
    if _POINTS.fullmatch(word):
        return True
    return _CLITIC.fullmatch(word) is not None and word[1:].lower() not in _WORDS


def joined(table: pd.DataFrame) -> pd.DataFrame:
    """Each clitic with the word before it in its run and of its speaker, from onset to end.

    Parameters
    ----------
    table : DataFrame
        With columns word, offset, run and speaker.
    """
    words, offset = table["word"].tolist(), table["offset"].tolist()
    run, speaker = table["run"].tolist(), table["speaker"].tolist()
    last: dict[tuple[object, object], int] = {}
    kept = []
    for i, word in enumerate(words):
        host = last.get((run[i], speaker[i]))
        if host is not None and is_clitic(word):
            words[host] += word
            offset[host] = max(offset[host], offset[i])
            continue
        last[run[i], speaker[i]] = i
        kept.append(i)
    return table.assign(word=words, offset=offset).iloc[kept].reset_index(drop=True)
