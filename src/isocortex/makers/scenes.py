"""Dot fields, textures, and shapes on backgrounds."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isocortex.choice import choose, is_whole
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.makers import patterns
from isocortex.makers.outlines import OUTLINES
from isocortex.makers.parameters import checked_size, columns_of, made
from isocortex.memory import refuse_beyond
from isocortex.seeds import generator
from isocortex.types import Values


@door
def dot_fields(
    numbers: Values,
    *,
    radius: float = 2.0,
    gap: float = 1.0,
    size: tuple[int, int] = (64, 64),
    seed: int = 0,
) -> Stimuli:
    """White dots on black that do not touch, one picture for each number of dots.

    Parameters
    ----------
    numbers : int or sequence of int
        How many dots each picture has.
    radius : float, default=2
        Of a dot, in pixels.
    gap : float, default=1
        The least free space between two dots, in pixels.
    size : (int, int), default=(64, 64)
        Rows and columns of each picture, in pixels.
    seed : int, default=0
        Of the places of the dots.

    Returns
    -------
    Stimuli
        Values 0 and 1, with the columns ``number`` and ``area`` (the white pixels).

    Raises
    ------
    InputError
        If a number is not whole or negative, or so many dots do not fit.

    See Also
    --------
    shapes, textures : Other stimuli of parameters.
    plots.stimuli : Shows them.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.dot_fields([1, 4, 9], seed=0)
    >>> stimuli.table["number"].tolist(), stimuli.read(0).shape
    ([1, 4, 9], (64, 64))
    """
    who = "dot_fields"
    size = checked_size(size, who)
    wanted = columns_of(who, number=numbers)["number"]
    if (wanted != np.round(wanted)).any() or (wanted < 0).any():
        raise InputError(f"{who}: numbers of dots must be whole and not negative.")
    rng = generator(seed)
    pictures = []
    for number in wanted.astype(int):
        picture = patterns.dots(size, int(number), radius, gap, rng)
        if picture is None:
            raise InputError(
                f"{who}: {number} dots of radius {radius:g} with gaps of {gap:g} do not fit into "
                f"{size[0]} x {size[1]} pixels. Use fewer or smaller dots."
            )
        pictures.append(picture)
    areas = [int(picture.sum()) for picture in pictures]
    return made(pictures, {"number": wanted.astype(int), "area": areas})


@door
def textures(
    n_stimuli: int,
    *,
    exponent: float = 1.0,
    contrast: float = 0.2,
    size: tuple[int, int] = (64, 64),
    seed: int = 0,
) -> Stimuli:
    """Noise with the spectrum of natural pictures.

    Parameters
    ----------
    n_stimuli : int
        How many pictures.
    exponent : float, default=1
        Of the falling amplitude spectrum: 1 is natural, 0 white, 2 cloudy.
    contrast : float, default=0.2
        Standard deviation of the pixels, around grey 0.5; what exceeds 0 to 1 is clipped.
    size : (int, int), default=(64, 64)
        Rows and columns of each picture, in pixels.
    seed : int, default=0
        Of the noise in the pictures.

    Returns
    -------
    Stimuli
        Values 0 to 1, with the columns ``sample`` and ``exponent``.

    Raises
    ------
    InputError
        If ``n_stimuli`` is less than 1 or ``contrast`` is negative.

    See Also
    --------
    dot_fields, shapes : Other stimuli of parameters.
    gratings : A single orientation and frequency.
    plots.stimuli : Shows them.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.textures(5, exponent=1.0, seed=0)
    >>> stimuli.read(0).shape, len(stimuli)
    ((64, 64), 5)
    >>> bool(0 <= stimuli.read(0).min() and stimuli.read(0).max() <= 1)
    True
    """
    who = "textures"
    size = checked_size(size, who)
    if not is_whole(n_stimuli) or n_stimuli < 1 or contrast < 0:
        raise InputError(
            f"{who} needs a whole n_stimuli of at least 1 and a contrast of at least 0, "
            f"not {n_stimuli} and {contrast:g}."
        )
    refuse_beyond(8 * n_stimuli * size[0] * size[1], f"{who}: {n_stimuli} pictures need")
    rng = generator(seed)
    noise = (patterns.coloured_noise(size, exponent, rng) for _ in range(n_stimuli))
    pictures = [np.clip(0.5 + contrast * each, 0, 1) for each in noise]
    return made(pictures, {"sample": range(n_stimuli), "exponent": [exponent] * n_stimuli})


@door
def shapes(  # noqa: PLR0913
    kinds: Sequence[str] | str,
    *,
    rotations: Values = 0.0,
    scales: Values = 0.3,
    rows: Values = 0.5,
    columns: Values = 0.5,
    background: str | Callable = "grey",
    size: tuple[int, int] = (64, 64),
    seed: int = 0,
) -> Stimuli:
    """White shapes on a background.

    Parameters
    ----------
    kinds : str or sequence of str
        ``circle``, ``square``, ``triangle``, ``pentagon``, ``star``, ``cross``, ``bar``.
    rotations : float or sequence, default=0
        In degrees, clockwise.
    scales : float or sequence, default=0.3
        The radius, as a fraction of the shorter side of the picture.
    rows, columns : float or sequence, default=0.5
        The centre, as a fraction of the height and width.
    background : {"grey", "black", "texture", "white_noise"} or callable, default="grey"
        Or a function (size, rng) that gives values from 0 to 1 of shape ``size``.
    size : (int, int), default=(64, 64)
        Rows and columns of each picture, in pixels.
    seed : int, default=0
        For the backgrounds.

    Returns
    -------
    Stimuli
        Values 0 to 1, with the columns ``shape``, ``rotation``, ``scale``, ``row``, ``column``.

    Raises
    ------
    InputError
        If a shape or background is unknown, or lists have different lengths.

    See Also
    --------
    crossed : Every combination of parameters.
    dot_fields, textures : Other stimuli of parameters.
    plots.stimuli : Shows them.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.shapes(["circle", "star"], scales=[0.2, 0.4])
    >>> stimuli.table[["shape", "scale"]]
        shape  scale
    0  circle    0.2
    1    star    0.4
    >>> bool(stimuli.read(1).sum() > stimuli.read(0).sum())
    True
    """
    who = "shapes"
    size = checked_size(size, who)
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    table = columns_of(
        who,
        shape=np.arange(len(kinds)),
        rotation=rotations,
        scale=scales,
        row=rows,
        column=columns,
    )
    paint = choose(background, BACKGROUNDS, "background")
    outlines = [choose(kind, OUTLINES, "kinds")() for kind in kinds]
    rng = generator(seed)
    pictures = []
    for which, rotation, scale, row, column in zip(*table.values(), strict=True):
        corners = scale * min(size) * outlines[int(which)] @ _turn(rotation).T
        corners = corners + np.array([row * (size[0] - 1), column * (size[1] - 1)])
        pictures.append(np.where(patterns.polygon(size, corners), 1.0, paint(size, rng)))
    labels = [kinds[int(which)] for which in table["shape"]]
    return made(pictures, {**table, "shape": labels})


def _turn(degrees: float) -> np.ndarray:
    """Turns (row, column) clockwise, as seen with rows running downwards."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, s], [-s, c]])


def grey(size: patterns.Size, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """A uniform background in the middle of the range, 0.5."""
    return np.full(size, 0.5)


def black(size: patterns.Size, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """A uniform background of zeros."""
    return np.zeros(size)


def texture(size: patterns.Size, rng: np.random.Generator) -> np.ndarray:
    """Noise with a natural spectrum around 0.4."""
    return np.clip(0.4 + 0.12 * patterns.coloured_noise(size, 1.0, rng), 0, 1)


def white_noise(size: patterns.Size, rng: np.random.Generator) -> np.ndarray:
    """Independent pixels from 0 to 0.8."""
    return rng.uniform(0, 0.8, size)


BACKGROUNDS: Mapping[str, Callable[[patterns.Size, np.random.Generator], np.ndarray]] = {
    "grey": grey,
    "black": black,
    "texture": texture,
    "white_noise": white_noise,
}
