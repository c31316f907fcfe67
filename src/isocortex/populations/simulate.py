"""Populations with known tuning, in place of a recording."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from isocortex.choice import choose
from isocortex.data.modalities.known import needs_modality
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.makers import patterns
from isocortex.makers.parameters import stimulus_values
from isocortex.makers.waves import FREQUENCY
from isocortex.seeds import generator


class Population(Protocol):
    """What the units do without noise, and a table of their tuning."""

    def drive(
        self, stimuli: Stimuli, n_units: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Values (n_stimuli, n_units) and one row for each unit."""
        ...


@door
@shown()
@dataclass(frozen=True)
class OrientationTuning:
    r"""Units that know the orientation only, each with a von Mises curve.

    .. math:: r(\theta) = b + g \exp\{\kappa\, [\cos 2(\theta - \theta_0) - 1]\}

    Parameters
    ----------
    width : float, default=20
        Median half-width at half height, in degrees.
    width_spread : float, default=0.3
        Standard deviation of its logarithm over units.
    gain_spread : float, default=0.5
        Standard deviation of the logarithm of the gain over units, whose median is 1.
    baseline : float, default=0.1
        :math:`b`, the same for all units.

    See Also
    --------
    simulate_responses : Takes it as ``population=``.
    GaborEnergy : Units that see the pixels.
    tuning_curves : Finds the curves again.

    Examples
    --------
    >>> import isocortex as ic
    >>> sharp = ic.OrientationTuning(width=10.0, width_spread=0.0)
    >>> population = ic.simulate_responses(ic.gratings([-45, 0, 45]), sharp, n_units=5)
    >>> population.values.shape
    (3, 5)
    """

    width: float = 20.0
    width_spread: float = 0.3
    gain_spread: float = 0.5
    baseline: float = 0.1

    def drive(
        self, stimuli: Stimuli, n_units: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Needs stimuli with an orientation; their pixels are not looked at."""
        angles = np.deg2rad(stimulus_values(stimuli, "orientation").astype(float))
        best = np.sort(rng.uniform(-90, 90, n_units))
        widths = self.width * np.exp(self.width_spread * rng.normal(size=n_units))
        widths = np.minimum(widths, 60.0)
        gains = np.exp(self.gain_spread * rng.normal(size=n_units))
        kappa = np.log(2) / (1 - np.cos(2 * np.deg2rad(widths)))
        bumps = np.exp(kappa * (np.cos(2 * (angles[:, None] - np.deg2rad(best))) - 1))
        table = pd.DataFrame({"preferred": best, "width": widths, "gain": gains})
        return self.baseline + gains * bumps, table


@door
@shown()
@dataclass(frozen=True)
class GaborEnergy:
    r"""Complex cells: the length of the responses of two Gabors a quarter cycle apart [1]_.

    Parameters
    ----------
    frequencies : tuple of float, default=(0.028, 0.057, 0.114)
        In cycles per pixel; each unit has one of them.
    cycles : float, default=0.4
        Standard deviation of the Gaussian, in cycles.

    See Also
    --------
    simulate_responses : Takes it as ``population=``.
    OrientationTuning : Units that know the orientation only.
    gabors : Such pictures.

    References
    ----------
    .. [1] Adelson & Bergen (1985), Spatiotemporal energy models for the perception of motion,
       JOSA A 2:284. https://doi.org/10.1364/JOSAA.2.000284

    Examples
    --------
    >>> import isocortex as ic
    >>> cells = ic.GaborEnergy(frequencies=(0.05, 0.1))
    >>> population = ic.simulate_responses(ic.textures(6), cells, n_units=10)
    >>> population.values.shape, sorted(population.units.columns)
    ((6, 10), ['col', 'frequency', 'preferred', 'row'])
    """

    frequencies: tuple[float, ...] = (FREQUENCY / 2, FREQUENCY, 2 * FREQUENCY)
    cycles: float = 0.4

    def drive(
        self, stimuli: Stimuli, n_units: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Sees the pixels, all of one size; places, orientations and frequencies are random."""
        pictures = _grey_pictures(stimuli)
        size = (pictures.shape[1], pictures.shape[2])
        table = pd.DataFrame(
            {
                "preferred": rng.uniform(-90, 90, n_units),
                "frequency": rng.choice(np.asarray(self.frequencies), n_units),
                "row": rng.uniform(0.2, 0.8, n_units) * (size[0] - 1),
                "col": rng.uniform(0.2, 0.8, n_units) * (size[1] - 1),
            }
        )
        flat = pictures.reshape(len(pictures), -1)
        flat = flat - flat.mean(1, keepdims=True)
        energies = [self._energy(flat, size, unit) for unit in table.itertuples(index=False)]
        return np.stack(energies, axis=1), table

    def _energy(self, flat: np.ndarray, size: patterns.Size, unit: Any) -> np.ndarray:
        angle = np.deg2rad(unit.preferred)
        sigma = self.cycles / unit.frequency
        pair = [
            patterns.gabor(size, angle, unit.frequency, phase, (unit.row, unit.col), sigma).ravel()
            for phase in (0.0, np.pi / 2)
        ]
        return np.hypot(*(flat @ each / np.linalg.norm(each) for each in pair))


POPULATIONS: Mapping[str, Callable[[], Population]] = {
    "orientation": OrientationTuning,
    "gabor_energy": GaborEnergy,
}


@door
def simulate_responses(
    stimuli: Stimuli,
    population: str | Population = "orientation",
    *,
    n_units: int = 200,
    noise: float = 0.2,
    seed: int = 0,
    labels: Mapping[str, Any] | None = None,
) -> Responses:
    """A made recording: units with known tuning and independent noise.

    Parameters
    ----------
    stimuli : Stimuli
        With a known ``orientation`` in degrees (see :func:`stimulus_values`), or, for
        :class:`GaborEnergy`, images of one size.
    population : str or object, default="orientation"
        ``"orientation"`` (:class:`OrientationTuning`: bell-shaped curves), ``"gabor_energy"``
        (:class:`GaborEnergy`: complex cells that see the pixels), or such an object with its
        own settings, or any with a method ``drive``.
    n_units : int, default=200
        How many units, at least 1.
    noise : float, default=0.2
        Standard deviation of Gaussian noise, as a multiple of the median over units of the
        standard deviation of their signal over stimuli.
    seed : int, default=0
        Of the units and, apart from them, of the noise: other noise levels keep the units.
    labels : mapping, optional
        Default ``{"region": "simulated"}``.

    Returns
    -------
    Responses, shape (n_stimuli, n_units)
        The table of units has their true tuning.

    Raises
    ------
    InputError
        If the population is unknown, a number is negative, or the stimuli have no orientation.

    See Also
    --------
    gratings, gabors : Stimuli for them.
    OrientationTuning, GaborEnergy : Populations with their settings.
    tuning_curves : Finds the tuning again.
    encode : Predicts them from features.

    Examples
    --------
    >>> import isocortex as ic
    >>> gratings = ic.gratings([-60, -30, 0, 30, 60, 90])
    >>> v1 = ic.simulate_responses(gratings, n_units=50, noise=0.5, labels={"region": "V1"})
    >>> v1
    Responses(6 stimuli x 50 units, float64, region='V1')
    """
    if n_units < 1 or not noise >= 0:
        raise InputError(
            f"simulate_responses needs at least 1 unit and noise of at least 0, "
            f"not {n_units} and {noise}."
        )
    units_of = population
    if isinstance(units_of, str):
        units_of = choose(units_of, POPULATIONS, "population")()
    of_units, of_noise = generator(seed).spawn(2)
    signal, table = units_of.drive(stimuli, n_units, of_units)
    scale = float(np.median(signal.std(0)))
    values = signal + noise * scale * of_noise.normal(size=signal.shape)
    return Responses(
        values, stimuli.names, table, {"region": "simulated"} if labels is None else labels
    )


def _grey_pictures(stimuli: Stimuli) -> np.ndarray:
    needs_modality(stimuli, "image", "simulate_responses with Gabor energy")
    pictures = [np.asarray(stimuli.read(row), dtype=float) for row in range(len(stimuli))]
    pictures = [_grey(each) for each in pictures]
    sizes = {each.shape for each in pictures}
    if len(sizes) > 1:
        raise InputError(
            f"simulate_responses: Gabor energy needs pictures of one size, but there are "
            f"{len(sizes)} sizes, such as {' and '.join(map(str, sorted(sizes)[:2]))}."
        )
    return np.stack(pictures)


def _grey(picture: np.ndarray) -> np.ndarray:
    if picture.ndim == 2:
        return picture
    return picture.mean(-1) if picture.shape[-1] in (3, 4) else picture.mean(0)
