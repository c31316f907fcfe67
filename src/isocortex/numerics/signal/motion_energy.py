"""Motion energy: how much moves where, how fast, in which direction and at which scale.

Spatial Gabor filters in quadrature times temporal ones, as Nishimoto et al. (2011,
https://doi.org/10.1016/j.cub.2011.08.031) have them and pymoten computes them. Here filters of
one place and size share their pixels, and those of several temporal frequencies what they give.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

SPATIAL = (0.0, 2.0, 4.0, 8.0, 16.0)
TEMPORAL = (0.0, 2.0, 4.0)
DIRECTIONS = tuple(float(each) for each in range(0, 360, 45))
_LIMIT = 0.001
"""Pixels at which |sin| + |cos| of a filter is not above this do not count."""
_SPACING, _WIDEST, _LONGEST = 3.5, 0.3, 0.3

PARAMETERS = ("col", "row", "direction", "spatial_frequency", "spatial_sd", "temporal_frequency")
"""Centres in image heights, degrees, cycles per image height, image heights, hertz."""


class Size(NamedTuple):
    """Of a frame, in pixels."""

    height: int
    width: int


def luminance(pixels: np.ndarray) -> np.ndarray:
    """CIE L* from 0 to 100 of sRGB.

    With v in 0 … 1: linear = v / 12.92 up to .04045, else ((v + .055) / 1.055)^2.4;
    Y = .212671 R + .715160 G + .072169 B; L* = 903.3 Y up to .008856, else 116 Y^⅓ − 16.

    Parameters
    ----------
    pixels : array of uint8, shape (…, 3)
    """
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    y = linear[pixels] @ np.array([0.212671, 0.715160, 0.072169])
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def averaged(frames: np.ndarray, size: Size) -> np.ndarray:
    """Frames (n, height, width) at another size: each new pixel the mean of what it covers."""
    rows, columns = (_covering(n, m) for n, m in zip(frames.shape[1:], size, strict=True))
    return np.einsum("ij,njk,lk->nil", rows, frames, columns, optimize=True)


def _covering(old: int, new: int) -> np.ndarray:
    """Which share of each new pixel each old one covers, (new, old)."""
    edges = np.arange(new + 1) * (old / new)
    begin, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    overlap = np.minimum(end, pixel + 1) - np.maximum(begin, pixel)
    return np.maximum(overlap, 0) * (new / old)


def filters(aspect: float) -> np.ndarray:
    """The parameters of all filters, shape (n_filters, 6), columns as in ``PARAMETERS``.

    Of each spatial frequency f the sd is min(.6 / f, .3), and centres lie 3.5 sd apart; a
    filter of direction 0 is followed by one of the same place without a grating; what does not
    move has no direction, and is left out from 180 degrees on.

    Parameters
    ----------
    aspect : float
        Width / height of the frames.
    """
    found = []
    for frequency, direction in product((f for f in SPATIAL if f), DIRECTIONS):
        sd = min(0.6 / frequency, _WIDEST)
        down, across = _centres(1.0, sd), _centres(aspect, sd)
        for col, row in product(across, down):
            for temporal in TEMPORAL:
                if temporal == 0 and direction >= 180:
                    continue
                found.append((col, row, direction, frequency, sd, temporal))
                if direction == 0:
                    found.append((col, row, direction, 0.0, sd, temporal))
    return np.array(found)


def _centres(extent: float, sd: float) -> np.ndarray:
    step = _SPACING * sd
    n = max(0, int(np.floor((extent - step) / step / 2)))
    return step * np.arange(-n, n + 1) + extent / 2


def motion_energy(frames: np.ndarray, fps: int) -> np.ndarray:
    """log(√(o² + q²) + 1e-5) of each filter at each frame.

    With S and C the products of a frame with the sine and cosine Gabor, o = S ∗ t_cos +
    C ∗ t_sin and q = −S ∗ t_sin + C ∗ t_cos, where the temporal Gabors have int(fps · 2/3)
    frames, centred; beyond the ends there is nothing.

    Parameters
    ----------
    frames : array, shape (n_frames, height, width)
        Luminance.
    fps : int
        Frames in a second.

    Returns
    -------
    array, shape (n_frames, n_filters)
        In the order of :func:`filters`.
    """
    n, height, width = frames.shape
    aspect = width / float(height)
    parameters = filters(aspect)
    out = np.empty((n, len(parameters)))
    across, down = np.linspace(0, aspect, width), np.linspace(0, 1, height)
    temporal = {f: _temporal(f, fps) for f in TEMPORAL}
    places, which = np.unique(parameters[:, [0, 1, 4]], axis=0, return_inverse=True)
    for i, (col, row, sd) in enumerate(places):
        own = np.flatnonzero(which.ravel() == i)
        # Farther out no filter of this place is above the limit.
        reach = sd * np.sqrt(2 * np.log(np.sqrt(2) / _LIMIT))
        h = slice(*np.searchsorted(across, (col - reach, col + reach + 1e-12)))
        v = slice(*np.searchsorted(down, (row - reach, row + reach + 1e-12)))
        gratings, grating = np.unique(parameters[own][:, [2, 3]], axis=0, return_inverse=True)
        sine, cosine = _gabors(across[h] - col, down[v] - row, sd, gratings)
        piece = frames[:, v, h].reshape(n, -1)
        s, c = piece @ sine.T, piece @ cosine.T
        for f, (t_sin, t_cos) in temporal.items():
            mine = parameters[own, 5] == f
            columns, of = own[mine], grating.ravel()[mine]
            o = _convolved(s, t_cos)[:, of] + _convolved(c, t_sin)[:, of]
            q = _convolved(c, t_cos)[:, of] - _convolved(s, t_sin)[:, of]
            out[:, columns] = np.log(np.sqrt(o**2 + q**2) + 1e-5)
    return out


def _gabors(
    x: np.ndarray, y: np.ndarray, sd: float, gratings: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine Gabors (n_gratings, n_pixels) over pixels at x and y from their centre."""
    angle = np.deg2rad(gratings[:, 0])[:, None, None]
    cycles = 2 * np.pi * gratings[:, 1][:, None, None]
    phase = cycles * (-np.cos(angle) * x + np.sin(angle) * y[:, None])
    envelope = np.exp(-(x**2 + y[:, None] ** 2) / (2 * sd**2))
    sine, cosine = envelope * np.sin(phase), envelope * np.cos(phase)
    counted = np.abs(sine) + np.abs(cosine) > _LIMIT
    n = len(gratings)
    return (sine * counted).reshape(n, -1), (cosine * counted).reshape(n, -1)


def _temporal(frequency: float, fps: int) -> tuple[np.ndarray, np.ndarray]:
    n = int(fps * (2 / 3.0))
    tau = np.linspace(0, 1, n, endpoint=False) - 0.5
    sd = min(10 / frequency, _LONGEST) if frequency else _LONGEST
    envelope = np.exp(-(tau**2) / (2 * sd**2))
    phase = 2 * np.pi * frequency * (n / float(fps)) * tau
    return envelope * np.sin(phase), envelope * np.cos(phase)


def _convolved(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Along time; entry d of the kernel is delayed by d − ⌈n/2⌉ + 1 frames."""
    n = len(kernel)
    middle = -(-n // 2) - 1
    padded = np.zeros((len(values) + n - 1, values.shape[1]))
    padded[n - 1 - middle : n - 1 - middle + len(values)] = values
    windows = np.lib.stride_tricks.sliding_window_view(padded, n, axis=0)
    return windows @ kernel[::-1]
