"""Which tokens each word is: the words of a run as one text, cut by the places of its tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.choice import listed
from isocortex.data.words.clitics import is_clitic
from isocortex.errors import InputError
from isocortex.networks.text.tokens import Tokens


@dataclass(frozen=True, eq=False)
class Text:
    """The token ids of one text, which sees no other, and where its words are in them."""

    ids: np.ndarray
    """Without special tokens."""
    start: np.ndarray
    """The first token of each word."""
    stop: np.ndarray
    """Behind the last token of each word."""
    counted: np.ndarray
    """Of each token, whether it holds more than points and quotes around a word."""

    def __len__(self) -> int:
        return len(self.start)


def text_of(words: Sequence[str], names: Sequence[str], tokens: Tokens) -> Text:
    """The words of a run, read as one text.

    Words are parted by blanks, but clitics (``'s``, ``’ll``) and points stand at the word before.
    A word is all tokens that share a character with it; the blank in front belongs to the token,
    not to the word.

    Parameters
    ----------
    words, names : sequence of str
        Of one run.
    tokens : Tokens

    Raises
    ------
    InputError
        With the words of which the tokenizer makes no token.
    """
    parts, at, starts, stops = [], 0, [], []
    for i, word in enumerate(map(str.strip, words)):
        blank = "" if i == 0 or is_clitic(word) else " "
        parts.append(blank + word)
        starts.append(at + len(blank))
        at += len(blank) + len(word)
        stops.append(at)
    text = "".join(parts)
    ids, spans = tokens.spans(text)
    owner = np.full(len(text) + 1, -1, dtype=np.int64)
    for i, (a, b) in enumerate(zip(starts, stops, strict=True)):
        owner[a:b] = i
    start, stop = _tokens_of_words(text, spans, owner, len(words))
    empty = np.nonzero(stop <= start)[0].tolist()
    if empty:
        raise InputError(
            f"{len(empty)} of {len(words)} words have no token in "
            f"{type(tokens.tokenizer).__name__}, so that no row can stand for them: "
            f"{listed(names[i] for i in empty)}. Leave them out."
        )
    return Text(ids, start, stop, _counted(text, spans, starts, stops))


def _tokens_of_words(
    text: str, spans: np.ndarray, owner: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    start = np.full(n, len(spans), dtype=np.int64)
    stop = np.zeros(n, dtype=np.int64)
    for token, (left, right) in enumerate(_trimmed(text, spans)):
        if right <= left:
            continue
        first, last = owner[left], owner[right - 1]
        start[first : last + 1] = np.minimum(start[first : last + 1], token)
        stop[first : last + 1] = token + 1
    return start, stop


def _trimmed(text: str, spans: np.ndarray) -> list[tuple[int, int]]:
    """Places of tokens without the blanks at their ends, which some tokenizers count as theirs."""
    found = []
    for left, right in spans.tolist():
        part = text[left:right]
        inner = part.strip()
        begin = left + len(part) - len(part.lstrip()) if inner else right
        found.append((begin, begin + len(inner)))
    return found


def _counted(
    text: str, spans: np.ndarray, starts: Sequence[int], stops: Sequence[int]
) -> np.ndarray:
    """Tokens with a character of the inside of a word; of words that are points alone, all."""
    inside = np.zeros(len(text) + 1, dtype=bool)
    for a, b in zip(starts, stops, strict=True):
        places = [i for i in range(a, b) if text[i].isalnum() or text[i] in "'’"]
        first, last = (min(places), max(places) + 1) if places else (a, b)
        inside[first:last] = True
    # A token that is a blank alone is read with the word behind it.
    counts = [inside[a:b].any() or not text[a:b].strip() for a, b in spans.tolist()]
    return np.array(counts, dtype=bool)
