"""Pictures from formulas: each function gives one image of shape ``size``.

Orientations are in radians, measured from the vertical: 0 has vertical bars and positive
angles tilt to the right. Rows run downwards. Frequencies are in cycles per pixel.
"""

import numpy as np

Size = tuple[int, int]


def wave(size: Size, orientation: float, frequency: float, phase: float = 0.0) -> np.ndarray:
    r"""A sinusoid over the plane, from -1 to 1.

    .. math:: \cos(2 \pi f (x \cos\theta + y \sin\theta) + \phi)

    Parameters
    ----------
    size : (int, int)
        Rows and columns.
    orientation : float
        :math:`\theta`, in radians from the vertical.
    frequency : float
        :math:`f`, in cycles per pixel.
    phase : float, default=0
        :math:`\phi`, in radians, at the upper left pixel.
    """
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])[None, :]
    along = columns * np.cos(orientation) + rows * np.sin(orientation)
    return np.cos(2 * np.pi * frequency * along + phase)


def square_wave(size: Size, orientation: float, frequency: float, phase: float = 0.0) -> np.ndarray:
    """Bars: 1 where the sinusoid is positive, 0 where it is negative."""
    values = wave(size, orientation, frequency, phase)
    return np.where(values > 0, 1.0, np.where(values < 0, 0.0, values))


def disc(size: Size, centre: tuple[float, float], radius: float) -> np.ndarray:
    """True inside a circle; ``centre`` (row, column) and ``radius`` are in pixels."""
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])[None, :]
    return np.hypot(rows - centre[0], columns - centre[1]) < radius


def gabor(
    size: Size,
    orientation: float,
    frequency: float,
    phase: float = 0.0,
    centre: tuple[float, float] | None = None,
    sigma: float = 6.0,
) -> np.ndarray:
    """A sinusoid under a round Gaussian of standard deviation ``sigma`` pixels, -1 to 1.

    The phase is that at the centre, which is by default the middle of the picture.
    """
    if centre is None:
        centre = ((size[0] - 1) / 2, (size[1] - 1) / 2)
    rows = np.arange(size[0])[:, None] - centre[0]
    columns = np.arange(size[1])[None, :] - centre[1]
    along = columns * np.cos(orientation) + rows * np.sin(orientation)
    envelope = np.exp(-(rows**2 + columns**2) / (2 * sigma**2))
    return envelope * np.cos(2 * np.pi * frequency * along + phase)


def coloured_noise(size: Size, exponent: float, rng: np.random.Generator) -> np.ndarray:
    r"""Noise whose amplitude spectrum falls as :math:`1 / f^{a}`; mean 0, deviation 1.

    Natural images have an exponent near 1 [1]_; 0 is white noise.

    References
    ----------
    .. [1] Field (1987), Relations between the statistics of natural images and the response
       properties of cortical cells, JOSA A 4:2379. https://doi.org/10.1364/JOSAA.4.002379
    """
    rows = np.fft.fftfreq(size[0])[:, None]
    columns = np.fft.rfftfreq(size[1])[None, :]
    frequency = np.hypot(rows, columns)
    amplitude = np.zeros_like(frequency)
    np.power(frequency, -exponent, out=amplitude, where=frequency > 0)
    # White noise has the phases of a real picture already; only its spectrum is reshaped.
    spectrum = np.fft.rfft2(rng.normal(size=size))
    picture = np.fft.irfft2(spectrum * amplitude, s=size)
    return picture / picture.std()


def dots(
    size: Size, number: int, radius: float, gap: float, rng: np.random.Generator
) -> np.ndarray | None:
    """``number`` discs that do not touch, 1 on 0; None if they were not placed in many tries.

    Parameters
    ----------
    size : (int, int)
    number : int
    radius : float
        Of each disc, in pixels.
    gap : float
        The smallest free space between two discs, in pixels.
    rng : numpy Generator
    """
    low = np.array([radius, radius])
    high = np.array([size[0] - 1 - radius, size[1] - 1 - radius])
    apart = 2 * radius + gap
    # Discs that reach half-way to the next do not overlap, so that no more fit than their area.
    if (high < low).any() or number * np.pi * (apart / 2) ** 2 > np.prod(high - low + apart):
        return None
    centres = np.empty((0, 2))
    for _ in range(200 * max(number, 1)):
        if len(centres) == number:
            break
        place = rng.uniform(low, high)
        if (np.hypot(*(centres - place).T) >= apart).all():
            centres = np.vstack([centres, place])
    if len(centres) < number:
        return None
    picture = np.zeros(size)
    for row, column in centres:
        picture[disc(size, (row, column), radius)] = 1.0
    return picture


def polygon(size: Size, corners: np.ndarray) -> np.ndarray:
    """True inside a polygon; ``corners`` (n_corners, 2) are (row, column) in pixels.

    A pixel is inside if a ray from it crosses the outline an odd number of times.
    """
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])[None, :]
    inside = np.zeros(size, dtype=bool)
    for (row, column), (next_row, next_column) in zip(
        corners, np.roll(corners, -1, axis=0), strict=True
    ):
        if row == next_row:
            continue
        between = (rows < row) != (rows < next_row)
        edge = column + (rows - row) * (next_column - column) / (next_row - row)
        inside ^= between & (columns < edge)
    return inside
