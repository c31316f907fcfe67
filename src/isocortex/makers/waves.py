"""Gratings, sinusoids and Gabors."""

from typing import Any

import numpy as np

from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.makers import patterns
from isocortex.makers.parameters import checked_size, columns_of, made, wrapped
from isocortex.types import Values

FREQUENCY = 10 / 28 / (2 * np.pi)
"""Cycles per pixel of the default gratings: one cycle in 17.6 pixels."""


@door
def gratings(
    orientations: Values,
    *,
    size: tuple[int, int] = (48, 64),
    spatial_frequency: float = FREQUENCY,
    patch: bool = False,
) -> Stimuli:
    r"""Black and white bars at these orientations.

    .. math:: g = [\cos(2 \pi f (x \cos\theta + y \sin\theta)) > 0]

    Parameters
    ----------
    orientations : sequence of float
        In degrees from the vertical, -90 to 90; positive tilts to the right.
    size : (int, int), default=(48, 64)
        Rows and columns, in pixels.
    spatial_frequency : float
        In cycles per pixel; the default is 0.0568, one cycle in 17.6 pixels.
    patch : bool, default=False
        Only a disc at three quarters of the width, with a radius of a sixth of the width; the
        rest is 0.5, and the bars are turned by 0.1 radian, to lie better in the disc.

    Returns
    -------
    Stimuli
        Arrays of shape ``size``, float32 of 0 and 1, with the column ``orientation``.

    Raises
    ------
    InputError
        If a parameter is not a finite number, or the frequency is not positive.

    Warns
    -----
    UserWarning
        If orientations outside -90 to 90 were wrapped by 180 degrees.

    See Also
    --------
    sinusoids, gabors : Waves with phases and contrasts.
    stimulus_values : The orientations, from the names.
    simulate_responses : Units that are tuned to them.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.gratings([-45, 0, 45])
    >>> float(stimuli.read(1).mean())
    0.484375
    """
    who = "gratings"
    size = checked_size(size, who)
    columns = columns_of(who, orientation=orientations)
    angles = wrapped(columns["orientation"], who)
    _check_positive(who, spatial_frequency=spatial_frequency)
    turn = 0.1 if patch else 0.0
    pictures = [
        patterns.square_wave(size, np.deg2rad(angle) + turn, spatial_frequency) for angle in angles
    ]
    if patch:
        inside = patterns.disc(size, (size[0] / 2, 0.75 * size[1]), size[1] / 6)
        pictures = [np.where(inside, picture, 0.5) for picture in pictures]
    return made(pictures, {"orientation": angles})


@door
def sinusoids(
    orientations: Values,
    *,
    phases: Values = 0.0,
    spatial_frequencies: Values = FREQUENCY,
    contrasts: Values = 1.0,
    size: tuple[int, int] = (48, 64),
) -> Stimuli:
    r"""Sinusoidal gratings.

    .. math:: 0.5 + 0.5\, c \cos(2 \pi f (x \cos\theta + y \sin\theta) + \phi)

    Parameters
    ----------
    orientations : float or sequence
        In degrees from the vertical.
    phases : float or sequence, default=0
        In degrees, at the upper left pixel.
    spatial_frequencies : float or sequence
        In cycles per pixel.
    contrasts : float or sequence, default=1
        0 to 1.
    size : (int, int), default=(48, 64)
        Rows and columns of each picture, in pixels.

    Returns
    -------
    Stimuli
        One for each row of the parameters (single numbers are repeated), values 0 to 1.

    Raises
    ------
    InputError
        If lists have different lengths, or a number is out of its range.

    See Also
    --------
    gratings : Black and white bars.
    gabors : Under a Gaussian.
    crossed : Every combination of parameters.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.sinusoids([0, 45, 90], contrasts=0.5)
    >>> len(stimuli), stimuli.read(0).shape
    (3, (48, 64))
    >>> round(float(stimuli.read(0).max()), 2)
    0.75
    """
    who = "sinusoids"
    size = checked_size(size, who)
    table = columns_of(
        who,
        orientation=orientations,
        phase=phases,
        spatial_frequency=spatial_frequencies,
        contrast=contrasts,
    )
    table["orientation"] = wrapped(table["orientation"], who)
    _check_positive(who, spatial_frequencies=table["spatial_frequency"])
    _check_contrast(who, table["contrast"])
    pictures = [
        0.5 + 0.5 * contrast * patterns.wave(size, np.deg2rad(angle), frequency, np.deg2rad(phase))
        for angle, phase, frequency, contrast in zip(*table.values(), strict=True)
    ]
    return made(pictures, table)


@door
def gabors(  # noqa: PLR0913
    orientations: Values,
    *,
    phases: Values = 0.0,
    spatial_frequencies: Values = FREQUENCY,
    sigmas: Values = 6.0,
    rows: Values = 0.5,
    columns: Values = 0.5,
    size: tuple[int, int] = (48, 64),
) -> Stimuli:
    """Sinusoids under a round Gaussian, on grey.

    Parameters
    ----------
    orientations : float or sequence
        In degrees from the vertical.
    phases : float or sequence, default=0
        In degrees, at the centre of the Gabor.
    spatial_frequencies : float or sequence
        In cycles per pixel.
    sigmas : float or sequence, default=6
        Standard deviation of the Gaussian, in pixels.
    rows, columns : float or sequence, default=0.5
        The centre, as a fraction of the height and width (0.5: the middle).
    size : (int, int), default=(48, 64)
        Rows and columns of each picture, in pixels.

    Returns
    -------
    Stimuli
        Values 0 to 1, with grey 0.5 around; one for each row of the parameters.

    Raises
    ------
    InputError
        If lists have different lengths, or a number is out of its range.

    See Also
    --------
    sinusoids : Without the Gaussian.
    GaborEnergy : Complex cells that see the pixels.
    crossed : Every combination of parameters.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.gabors([0, 90], sigmas=4.0, rows=0.25)
    >>> picture = stimuli.read(0)
    >>> picture.shape, float(picture[-1, 0])  # grey far from the centre
    ((48, 64), 0.5)
    """
    who = "gabors"
    size = checked_size(size, who)
    table = columns_of(
        who,
        orientation=orientations,
        phase=phases,
        spatial_frequency=spatial_frequencies,
        sigma=sigmas,
        row=rows,
        column=columns,
    )
    table["orientation"] = wrapped(table["orientation"], who)
    _check_positive(who, spatial_frequencies=table["spatial_frequency"], sigmas=table["sigma"])
    pictures = [
        0.5
        + 0.5
        * patterns.gabor(
            size,
            np.deg2rad(angle),
            frequency,
            np.deg2rad(phase),
            (row * (size[0] - 1), column * (size[1] - 1)),
            sigma,
        )
        for angle, phase, frequency, sigma, row, column in zip(*table.values(), strict=True)
    ]
    return made(pictures, table)


def _check_positive(who: str, **numbers: Any) -> None:
    for name, values in numbers.items():
        smallest = np.min(values)
        if not smallest > 0:
            raise InputError(f"{who}: {name} must be positive, not {smallest:g}.")


def _check_contrast(who: str, contrasts: np.ndarray) -> None:
    if contrasts.min() < 0 or contrasts.max() > 1:
        raise InputError(
            f"{who}: contrasts go from 0 to 1, not {contrasts.min():g} to {contrasts.max():g}."
        )
