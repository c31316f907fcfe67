"""What a notebook shows of what was seen in a network."""

from typing import TYPE_CHECKING

import numpy as np

from isocortex.display.card import Card, Picture, facts_of
from isocortex.display.pictures import image, matrix, picked

if TYPE_CHECKING:
    from isocortex.networks.inspect.optimal import OptimalStimulus
    from isocortex.networks.inspect.receptive_field import ReceptiveField
    from isocortex.networks.inspect.saliency import Saliency

MOST_PIXELS = 120


def of_optimal(noun: "OptimalStimulus") -> Card:
    """The image that was made."""
    facts = {
        "network": noun.network,
        "layer": noun.layer,
        "unit": noun.unit,
        "activation": noun.activation,
        **facts_of(noun.settings),
    }
    what = f"for {noun.layer} {noun.unit}"
    pixels = (255 * np.clip(noun.image, 0, 1)).astype(np.uint8)
    return Card("OptimalStimulus", what, facts, picture=image(pixels, f"The image made {what}."))


def of_field(noun: "ReceptiveField") -> Card:
    """Its size and place, and its map where there is one."""
    facts = {
        "network": noun.network,
        "layer": noun.layer,
        "method": noun.method,
        "size": " x ".join(map(str, noun.size)),
        "stride": noun.stride,
        "centre": noun.centre,
        "whole input": "yes" if noun.whole else "no",
    }
    picture = None if noun.map is None else _map(noun.map, "weight", "How much each pixel matters.")
    return Card("ReceptiveField", f"of {noun.layer}", facts, picture=picture)


def of_saliency(noun: "Saliency") -> Card:
    """The map, and what it is of."""
    facts = {
        "network": noun.network,
        "layer": noun.layer,
        "unit": noun.unit,
        "method": noun.method,
        "activation": noun.activation,
    }
    picture = _map(noun.map, "gradient", "The gradient at each pixel.")
    return Card("Saliency", f"of {noun.layer} {noun.unit}", facts, picture=picture)


def _map(values: np.ndarray, label: str, alt: str) -> Picture:
    rows, columns = (picked(n, MOST_PIXELS) for n in values.shape)
    return matrix(values[np.ix_(rows, columns)], label, alt)
