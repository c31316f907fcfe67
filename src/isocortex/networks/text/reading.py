"""What is read for each row: a stretch of a text, and the tokens in it that stand for the row."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.text.contexts import Context
from isocortex.networks.text.tokens import Tokens
from isocortex.networks.text.words import Text, text_of


@dataclass(frozen=True, eq=False)
class Reading:
    """One entry for each row, as arrays."""

    texts: tuple[Text, ...]
    text: np.ndarray
    """Which text a row is of."""
    begin: np.ndarray
    """The first token that is read."""
    end: np.ndarray
    """Behind the last one, which is the row's own."""
    first: np.ndarray
    """The first token that stands for the row, counted from the first special one."""
    last: np.ndarray
    """Behind the last of these."""

    def __len__(self) -> int:
        return len(self.text)

    def take(self, rows: np.ndarray) -> "Reading":
        """The same for some of the rows."""
        parts = (self.text, self.begin, self.end, self.first, self.last)
        return Reading(self.texts, *(each[rows] for each in parts))

    def digests(self) -> list[str]:
        """A hash of what each row reads: equal tokens, equal hashes."""
        found, before, whole = [], None, hashlib.sha256()
        for text, begin, end, first, last in zip(
            *(each.tolist() for each in (self.text, self.begin, self.end, self.first, self.last)),
            strict=True,
        ):
            ids = self.texts[text].ids
            # A context that grows is hashed on, and not from its start each time.
            if before is None or before[:2] != (text, begin) or before[2] > end:
                whole, done = hashlib.sha256(), begin
            else:
                done = before[2]
            whole.update(ids[done:end].tobytes())
            before = (text, begin, end)
            one = whole.copy()
            one.update(f"{first} {last}".encode())
            found.append(one.hexdigest())
        return found


def reading_of(stimuli: Stimuli, tokens: Tokens, context: Context | None) -> Reading:
    """What is read for each stimulus: a word in its context, or a text of its own.

    Parameters
    ----------
    stimuli : Stimuli
        Of modality text.
    tokens : Tokens
    context : Context or None
        For words of a running text; None for texts that each stand alone, for which all of
        their tokens stand, special ones included.

    Raises
    ------
    InputError
        If words are not in their order, have no token, or a context is longer than what the
        network reads at once.
    """
    head, tail = (len(each) for each in tokens.specials)
    if context is None:
        texts = [_whole(text, name, tokens) for text, name in _pairs(stimuli)]
        length = np.array([len(each.ids) for each in texts], dtype=np.int64)
        zero = np.zeros_like(length)
        rows = np.arange(len(texts))
        found = Reading(tuple(texts), rows, zero, length, zero, length + head + tail)
    else:
        found = _words(stimuli, tokens, context)
    _check_length(found, stimuli, tokens, context)
    return found


def _pairs(stimuli: Stimuli) -> list[tuple[str, str]]:
    return list(zip(map(str, stimuli.sources), stimuli.names, strict=True))


def _whole(text: str, name: str, tokens: Tokens) -> Text:
    ids, _ = tokens.spans(text)
    if not len(ids):
        raise InputError(f"The text {name!r} has no token; leave it out.")
    one = np.ones(1, np.int64)
    return Text(ids, 0 * one, len(ids) * one, np.ones(len(ids), bool))


def _words(stimuli: Stimuli, tokens: Tokens, context: Context) -> Reading:
    n, head = len(stimuli), len(tokens.specials[0])
    texts, runs = [], runs_of(stimuli)
    text, begin, end, first, last = (np.zeros(n, np.int64) for _ in range(5))
    for number, rows in enumerate(runs):
        names = [stimuli.names[row] for row in rows]
        one = text_of([str(stimuli.sources[row]) for row in rows], names, tokens)
        texts.append(one)
        text[rows] = number
        begin[rows] = one.start[context.first(len(rows))]
        end[rows] = one.stop
        first[rows] = head + one.start - begin[rows]
        last[rows] = head + one.stop - begin[rows]
    return Reading(tuple(texts), text, begin, end, first, last)


def runs_of(stimuli: Stimuli) -> list[np.ndarray]:
    """The rows of each run, in the order in which they are read.

    Raises
    ------
    InputError
        If a word begins before the one before it.
    """
    table = stimuli.table
    labels = table["run"].astype(str) if "run" in table.columns else [""] * len(stimuli)
    labels = pd.Series(list(labels))
    runs = [np.nonzero((labels == label).to_numpy())[0] for label in labels.unique()]
    if "onset" in table.columns:
        onset = np.asarray(pd.to_numeric(table["onset"], errors="coerce"), dtype=float)
        for rows in runs:
            back = np.nonzero(np.diff(onset[rows]) < 0)[0]
            if len(back):
                before, after = (stimuli.names[rows[back[0] + step]] for step in (0, 1))
                raise InputError(
                    f"Words are read in their order, but {after!r} begins before {before!r}, which "
                    "stands before it. Sort the stimuli by run and onset."
                )
    return runs


def _check_length(
    found: Reading, stimuli: Stimuli, tokens: Tokens, context: Context | None
) -> None:
    limit = tokens.limit
    if limit is None:
        return
    special = sum(map(len, tokens.specials))
    lengths = found.end - found.begin + special
    longest = int(lengths.argmax())
    words = None if context is None else context.n_words
    if lengths[longest] <= limit and (words is None or words + 1 + special <= limit):
        return
    reads = f"the network reads {limit} at once"
    if context is None:
        raise InputError(
            f"The text {stimuli.names[longest]!r} has {lengths[longest]} tokens with special ones, "
            f"and {reads}. Divide it, or use Stimuli.from_words with context=."
        )
    if words is None:
        raise InputError(
            f"{context!r} takes {lengths[longest]} tokens with special ones at "
            f"{stimuli.names[longest]!r}, and {reads}. Use context=Blocks({_fitting(found, limit)})"
            f", or a number of words."
        )
    need = max(int(lengths[longest]), words + 1 + special)
    raise InputError(
        f"A context of {words} words takes up to {need} tokens with special ones, and {reads}. "
        f"Use fewer words: about {_fitting(found, limit)} of this text."
    )


def _fitting(found: Reading, limit: int) -> int:
    """Half of the words that fit, by how many tokens these words have."""
    n_tokens = sum(len(each.ids) for each in found.texts)
    n_words = sum(map(len, found.texts))
    return max(1, int(limit * n_words / max(1, n_tokens) / 2.2))
