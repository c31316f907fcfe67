"""Pictures in memory of one shape prepared together: the same numbers, without a call for each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.networks.inputs.preprocessing import (
    Preprocessing,
    Transform,
    channels_first,
    cropped,
    normalize,
    target_size,
)

AT_ONCE = 2**18
"""Numbers that are prepared together: what stays in a processor's cache."""

_COLOURS = 3


def as_block(sources: Sequence[Any], preprocessing: Transform) -> np.ndarray | None:
    """Colour pictures in memory as one array (n, 3, height, width).

    Returns
    -------
    array or None
        None where each picture needs something of its own: it is a file, or is resized, or they
        differ in shape or type, or are grey or transparent.
    """
    one = sources[0]
    if not isinstance(preprocessing, Preprocessing) or not _is_plain(one):
        return None
    if any(
        type(each) is not np.ndarray or each.shape != one.shape or each.dtype != one.dtype
        for each in sources
    ):
        return None
    image = channels_first(one)
    size = preprocessing.resize
    if size is not None and target_size(image, size) != image.shape[1:]:
        return None
    whole = np.stack(sources) if len(sources) > 1 else one[None]
    return whole if image is one else np.moveaxis(whole, -1, 1)


def _is_plain(one: Any) -> bool:
    """Whether it is an array of colours, whose numbers mean what they are."""
    if type(one) is not np.ndarray or one.ndim != _COLOURS or not one.size:
        return False
    kind = one.dtype == np.uint8 or one.dtype.kind == "f"
    # A last axis of 4, or of 2, may be opacity.
    return kind and one.shape[-1] not in (2, 4) and channels_first(one).shape[0] == _COLOURS


def prepare_block(block: np.ndarray, how: Any, into: np.ndarray) -> bool:
    """Pictures (n, 3, height, width) as a network takes them.

    Parameters
    ----------
    block : array, shape (n, 3, height, width)
    how : Preprocessing
    into : array of float32, shape (n, channels, height, width)
        Filled.

    Returns
    -------
    bool
        Whether this was possible; else each is to be prepared alone, which says what is wrong.
    """
    channels = len(how.mean or how.std or ()) or _COLOURS
    whole = block if how.crop is None else cropped(block, how.crop)
    fits = channels == _COLOURS and whole.shape == into.shape and into.dtype == np.float32
    if not fits or not _in_range(block, how):
        return False
    np.copyto(into, whole, casting="same_kind")
    normalize(into, how, eight_bit=block.dtype == np.uint8)
    return True


def _in_range(block: np.ndarray, how: Preprocessing) -> bool:
    if block.dtype == np.uint8:
        return True
    low, high = float(block.min()), float(block.max())
    if how.takes_unit_range:
        return low >= 0 and high <= 1
    return bool(np.isfinite([low, high]).all())
