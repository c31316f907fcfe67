"""Kinds of nouns: what a file calls each, its fields, and how it is made of them again.

To save a new noun, add a line to ``KINDS`` of ``isocortex.files.kinds``: a dataclass that is made
of its fields needs its class alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

import pandas as pd

from isocortex.data.estimate import Estimate
from isocortex.data.gram import Gram
from isocortex.data.noise import Noise
from isocortex.data.pictures import PictureFile
from isocortex.data.rdms import RDMs
from isocortex.data.recorded.films import Film, FilmHead
from isocortex.data.recorded.sounds import Sound, SoundHead
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.numerics.arrays.products import Products


def fields_of(noun: Any) -> dict[str, Any]:
    """The fields of a dataclass."""
    return {each.name: getattr(noun, each.name) for each in fields(noun)}


@dataclass(frozen=True)
class Kind:
    """How one class of nouns is written down and made again."""

    cls: type
    """The class; in a file it has this name."""
    parts: Callable[[Any], Mapping[str, Any]] = fields_of
    """From a noun to its fields, which may be nouns again."""
    make: Callable[..., Any] | None = None
    """From the fields, as keywords, to a noun; default the class itself."""
    version: int = 1
    """Raised when the meaning of a field changes; files of lower versions are still read."""
    alias: str = ""
    """What a file calls it, where that is not the name of its class."""

    @property
    def name(self) -> str:
        """What a file calls it."""
        return self.alias or self.cls.__name__

    def made(self, parts: Mapping[str, Any]) -> Any:
        """A noun of its fields."""
        return (self.make or self.cls)(**parts)


def with_units(noun: Responses) -> dict[str, Any]:
    """Of Responses, whose units are made when they are first asked for."""
    parts = {**fields_of(noun), "units": noun.units}
    # Files without a table are as those of the release before, which knows none.
    return {**parts, "table": pd.DataFrame(noun.table)} if len(noun.table.columns) else parts


def _stimuli(noun: Stimuli) -> dict[str, Any]:
    """Files as their paths: pictures, sounds and films stay where they are."""
    sources = [each.path if isinstance(each, PictureFile) else each for each in noun.sources]
    return {**fields_of(noun), "sources": sources}


def _film_head(noun: FilmHead) -> dict[str, Any]:
    """The rate as a fraction, which it is."""
    return {**fields_of(noun), "rate": [noun.rate.numerator, noun.rate.denominator]}


def _made_film_head(rate: Sequence[int], **parts: Any) -> FilmHead:
    return FilmHead(rate=Fraction(*rate), **parts)


DATA: tuple[Kind, ...] = (
    Kind(Responses, with_units),
    Kind(Trials),
    Kind(Gram, make=Gram.from_products),
    Kind(Products),
    Kind(RDMs),
    Kind(Scores),
    Kind(Estimate),
    Kind(Noise),
    Kind(Stimuli, _stimuli),
    Kind(Sound),
    Kind(SoundHead),
    Kind(Film),
    Kind(FilmHead, _film_head, _made_film_head),
)
"""The nouns of ``data/``."""


def by_name(kinds: tuple[Kind, ...]) -> dict[str, Kind]:
    """Kinds by what a file calls them."""
    return {kind.name: kind for kind in kinds}
