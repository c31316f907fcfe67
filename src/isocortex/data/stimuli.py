"""What was shown: unique names, files or arrays, and a table of whatever else is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from isocortex.choice import also, counted
from isocortex.data.cards import of_stimuli
from isocortex.data.frozen import held_all, held_tables, stays_frozen
from isocortex.data.modalities.known import MODALITIES, checked_modality
from isocortex.data.modalities.modality import Modality
from isocortex.data.names import Names, checked_names
from isocortex.data.needs import door
from isocortex.data.pixels import Background, checked_background
from isocortex.data.rows import chosen_rows
from isocortex.data.stimuli_from import film, pictures, sound, text
from isocortex.data.validation import table_of
from isocortex.display.shown import shown
from isocortex.types import Colour, Rows


@door
@shown(of_stimuli)
@held_tables("table")
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Stimuli:
    """What was shown, one entry for each stimulus.

    Most users call :meth:`from_folder`, :meth:`from_csv` or :meth:`from_arrays`; of stories
    :meth:`from_words` or :meth:`from_sentences`. Pictures are
    read as a person sees them: turned upright, transparency on a background, the first of
    several frames. Which numbers are black and white in each kind of file and array is told
    in the documentation's page on networks and extraction.

    Parameters
    ----------
    names : sequence of str
        Unique.
    sources : sequence of Path, array or str
        The file, the array or (modality ``"text"``) the word or sentence of each.
    modality : {"image", "text", "audio", "video"}, default="image"
    table : DataFrame or mapping, optional
        Further columns: label, orientation … Of what is shown in time, ``onset`` and ``offset``
        are in seconds from the start of the first volume of the ``run``; text with a column
        ``word`` is a running one.
    background : str, int or three of int, default="white"
        On which transparent pictures lie: a colour's name or code (``"gray"``, ``"#808080"``),
        a grey from 0 to 255, or red, green and blue from 0 to 255.

    Raises
    ------
    InputError
        If a name occurs twice, the numbers of names and sources differ, or the background is
        no colour; if there is no such modality, or a source is of another.

    See Also
    --------
    extract : What layers of a network do for them.
    shapes, gratings, textures : Make stimuli of parameters.
    plots.stimuli : Shows them.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    >>> kinds = {"category": ["animate", "animate", "inanimate"]}
    >>> stimuli = ic.Stimuli.from_arrays(pixels, ["face", "hand", "car"], kinds)
    >>> len(stimuli), stimuli.read(0).shape
    (3, (16, 16, 3))
    >>> stimuli.take([2]).table
        category
    0  inanimate
    """

    names: Names
    sources: Sequence[Any]
    modality: str
    table: pd.DataFrame
    background: Background

    def __init__(
        self,
        names: Iterable[object],
        sources: Sequence[Any],
        modality: str = "image",
        table: pd.DataFrame | Mapping[str, Any] | None = None,
        background: Colour = "white",
    ):
        object.__setattr__(self, "names", checked_names(names, len(sources), "Stimuli"))
        object.__setattr__(self, "sources", held_all(sources))
        object.__setattr__(self, "modality", checked_modality(modality))
        MODALITIES[self.modality].check(sources, self.names)
        object.__setattr__(self, "table", table_of(table, len(sources), "Stimuli table"))
        object.__setattr__(self, "background", checked_background(background))

    from_folder = classmethod(pictures.from_folder)
    from_csv = classmethod(pictures.from_csv)
    from_arrays = classmethod(pictures.from_arrays)
    from_words = classmethod(text.from_words)
    from_sentences = classmethod(text.from_sentences)
    from_audio = classmethod(sound.from_audio)
    from_video = classmethod(film.from_video)

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: Rows) -> "Stimuli":
        """The stimuli at integer positions, in that order, or where a mask is true."""
        rows = chosen_rows(rows, len(self), "Stimuli.take")
        return Stimuli(
            [self.names[i] for i in rows],
            [self.sources[i] for i in rows],
            self.modality,
            self.table.iloc[rows],
            self.background,
        )

    @property
    def is_running(self) -> bool:
        """Whether these are the words of a running text, one after the other."""
        return self.modality == "text" and "word" in self.table.columns

    def read(self, row: int) -> Any:
        """One stimulus as it is perceived: pixels, the text, samples or frames.

        Returns
        -------
        array or str
            Of an image file (height, width, 3), uint8, or float32 from 0 to 1 where the file has
            more than 8 bits; arrays in their shape, integers as uint8 (uint16 as float32). Text
            as it is written.

        Raises
        ------
        FormatError
            If its file cannot be decoded, or the range of its pixels is not known; the
            message names it.
        StorageError
            If there is too little memory for it.
        """
        return self._kind.read(self.sources[row], self.background, self._called(row))

    def is_file(self, row: int) -> bool:
        """Whether a stimulus is a file, not an array or a text."""
        return self._kind.is_file(self.sources[row])

    def digest(self, row: int) -> str:
        """A hash of the content of one stimulus as it is read: equal content, equal digests."""
        return self._kind.digest(self.sources[row], self.background, self._called(row))

    @property
    def _kind(self) -> Modality:
        return MODALITIES[self.modality]

    def _called(self, row: int) -> str:
        return f"The stimulus {self.names[row]!r}"

    def __repr__(self) -> str:
        words = self.modality == "text" and "word" in self.table.columns
        one = "word" if words else MODALITIES[self.modality].one
        return f"Stimuli({counted(len(self), one)}{also('table: ', self.table)})"
