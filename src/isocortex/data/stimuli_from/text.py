"""Stimuli of text: the words of a story with their times, or sentences."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from isocortex.data.plain import list_of_names
from isocortex.data.words.clitics import joined
from isocortex.data.words.joined_runs import all_words
from isocortex.data.words.sources import Source
from isocortex.errors import InputError, NotFoundError, warn
from isocortex.reading import check_room, reading

if TYPE_CHECKING:
    from isocortex.data.stimuli import Stimuli

S = TypeVar("S", bound="Stimuli")


def from_words(
    cls: type[S],
    words: Source | Sequence[str | Path],
    *,
    tier: str | Sequence[str] | None = None,
    join_clitics: bool = False,
    unit: str = "s",
    untimed: str = "drop",
) -> S:
    """The words of a running text, such as a story that is listened to, with their times.

    Read are TextGrids of Praat (long and short text files in any encoding), label files of HTK
    (``.lab``) and tables (``.csv``, ``.tsv``): with columns ``word`` (or ``text``), ``onset`` (or
    ``start``) and ``offset`` (or ``end``) or ``duration``; events of BIDS, of which those with
    ``trial_type`` ``word`` are taken; and alignments of gentle, which have no header. Words stay
    as they are written: ``null``, ``nan`` and ``NA`` are words.

    Of a TextGrid the words are the tier called ``word`` or ``words``; else tiers whose names end
    so (``Anna - words``), one for each speaker; else the tier with most intervals that is not one
    of phones or segments. Empty labels, ``sp``, ``sil``, ``spn``, ``<unk>`` and the like, and
    whatever stands in brackets or braces are silence or noise, and no words.

    Parameters
    ----------
    words : path, list of paths, DataFrame, or mapping from runs to them
        Several files are several runs, called by ``run-…`` in their names or by their stems. The
        run of a single one is that, a column ``run``, or ``"1"``.
    tier : str or sequence of str, optional
        Of a TextGrid; several are speakers.
    join_clitics : bool, default=False
        Whether a word that is an apostrophe and one or two letters (``'s``, ``'ll``), or points
        alone, is joined to the word before it, whose end it moves.
    unit : {"s", "ms"}, default="s"
        Of times in tables.
    untimed : {"drop", "interpolate", "refuse"}, default="drop"
        What becomes of words for which an alignment failed; words between two with times can
        share the time between them evenly.

    Returns
    -------
    Stimuli
        Of modality ``"text"``, named ``word 0001 alice`` and so on. The table has the columns
        ``word``, ``onset`` and ``offset`` in seconds (from the start of the first volume, if the
        file's clock starts there), ``run``, ``speaker`` (``""`` where there is one alone), and
        whatever else a table has.

    Raises
    ------
    NotFoundError
        If a file is not there.
    FormatError
        If a file is damaged, binary, or no such file.
    InputError
        If there are no words or no times, words end before they begin, are out of order or
        overlap by more than 11 ms (of one speaker), or times look like milliseconds.

    Warns
    -----
    IsocortexWarning
        With counts of what was left out: intervals that are labelled as silence or noise, words
        without times, events that are no words.

    Examples
    --------
    >>> import isocortex as ic
    >>> story = {"word": ["Alice", "was"], "onset": [20.06, 20.62], "offset": [20.62, 20.84]}
    >>> words = ic.Stimuli.from_words(story)
    >>> words.names, words.is_running
    (('word 0001 alice', 'word 0002 was'), True)
    >>> words.table
        word  onset  offset run speaker
    0  Alice  20.06   20.62   1
    1    was  20.62   20.84   1
    """
    table, said = all_words(words, tier, unit, untimed)
    if said:
        warn(f"Stimuli.from_words: {'. '.join(said)}.")
    if join_clitics:
        table = joined(table)
    texts = table["word"].tolist()
    width = max(4, len(str(len(texts))))
    names = [f"word {i:0{width}d} {_short(each)}" for i, each in enumerate(texts, 1)]
    return cls(names, texts, "text", table)


def _short(word: str) -> str:
    return word.lower() if len(word) <= 30 else f"{word[:29].lower()}…"


def from_sentences(
    cls: type[S],
    sentences: Iterable[str] | str | Path,
    names: Iterable[object] | None = None,
    table: pd.DataFrame | Mapping[str, Any] | None = None,
) -> S:
    """Sentences, or any texts that are read one at a time.

    Parameters
    ----------
    sentences : sequence of str, or path
        Of a text file in UTF-8, one sentence a line.
    names : sequence of str, optional
        Default ``sentence 0001``, ``sentence 0002`` …
    table : DataFrame or mapping, optional
        Further columns, such as ``onset``, ``offset`` and ``run``.

    Returns
    -------
    Stimuli
        Of modality ``"text"``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InputError
        If there are no sentences, or one is no string, or empty.

    Examples
    --------
    >>> import isocortex as ic
    >>> sentences = ic.Stimuli.from_sentences(["The cat sat.", "It rained."])
    >>> sentences.names, sentences.read(1)
    (('sentence 0001', 'sentence 0002'), 'It rained.')
    """
    texts = sentences_in(sentences)
    width = max(4, len(str(len(texts))))
    if names is None:
        names = [f"sentence {i:0{width}d}" for i in range(1, len(texts) + 1)]
    return cls(list_of_names(names, "Stimuli.from_sentences"), texts, "text", table)


def sentences_in(given: Any) -> list[str]:
    """The sentences of a list, a column or a file."""
    if isinstance(given, str | Path):
        return _lines(Path(given))
    try:
        texts = list(given)
    except TypeError:
        raise InputError(
            f"Stimuli.from_sentences needs a list of strings, not {type(given).__name__}."
        ) from None
    if not texts:
        raise InputError("Stimuli.from_sentences needs at least one sentence.")
    return texts


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise NotFoundError(
            f"There is no file {str(path)!r} to read sentences from. A single sentence is given in "
            "a list: Stimuli.from_sentences([text])."
        )
    with reading(path, "a text file in UTF-8"):
        check_room(path, path.stat().st_size * 8, "its text")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    texts = [each.strip() for each in lines if each.strip()]
    if not texts:
        raise InputError(f"Stimuli.from_sentences: {str(path)!r} holds no sentence.")
    return texts
