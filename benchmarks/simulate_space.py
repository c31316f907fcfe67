"""Level and power of the tests over space: volume, surface, sensors x time.

``python benchmarks/simulate_space.py [n]`` writes the table of the page on maps.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage, sparse, stats

import isocortex as ic

ALPHA = 0.05
PAGE = Path(__file__).resolve().parents[1] / "docs" / "space_table.md"
STATISTICS = ("max", "mass", "size", "tfce")


@dataclass(frozen=True)
class Space:
    """Where units lie, which are neighbours, and how noise is smoothed over them."""

    adjacency: sparse.csr_array
    units: dict
    smooth: Callable[[np.ndarray], np.ndarray]
    places: np.ndarray
    n_times: int = 0


@dataclass(frozen=True)
class Rate:
    """How often anything was significant."""

    space: str
    effect: str
    n_people: int
    found: dict
    n: int

    @property
    def error(self) -> float:
        return 2 * np.sqrt(ALPHA * (1 - ALPHA) / self.n)

    @property
    def kept(self) -> bool:
        return self.effect != "none" or max(self.found.values()) <= ALPHA + self.error


def _near(places: np.ndarray, distance: float) -> sparse.csr_array:
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    return sparse.csr_array((apart <= distance * (1 + 1e-9)) & (apart > 0))


def _triangles(places: np.ndarray) -> sparse.csr_array:
    """Neighbours on a sphere of even triangles: what is no farther than the nearest, nearly."""
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    return _near(places, 1.3 * np.sort(apart, axis=1)[:, 1].max())


def volume() -> Space:
    """A block of 9 x 9 x 6 voxels, face neighbours, smoothed by a Gaussian of sd 1."""
    shape = (9, 9, 6)
    places = np.indices(shape).reshape(3, -1).T.astype(float)

    def smooth(x: np.ndarray) -> np.ndarray:
        maps = x.reshape(len(x), *shape)
        return ndimage.gaussian_filter(maps, (0, 1, 1, 1), mode="wrap").reshape(len(x), -1)

    return Space(
        _near(places, 1), dict(zip("ijk", places.T.astype(int), strict=True)), smooth, places
    )


def surface() -> Space:
    """A sphere of 642 vertices, the neighbours along its triangles, smoothed along them."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [(0, a, b * golden) for a in (-1, 1) for b in (-1, 1)]
    places = np.array([np.roll(c, k) for c in corners for k in range(3)])
    places /= np.linalg.norm(places[0])
    for _ in range(3):
        first, second = np.nonzero(np.triu(_triangles(places).toarray()))
        middle = places[first] + places[second]
        places = np.concatenate([places, middle / np.linalg.norm(middle, axis=1, keepdims=True)])
    near = _triangles(places)
    weights = near + sparse.eye_array(len(places))
    weights = sparse.csr_array(weights / weights.sum(1)[:, None])

    def smooth(x: np.ndarray) -> np.ndarray:
        return (weights @ (weights @ x.T)).T

    return Space(near, {"vertex": range(len(places))}, smooth, places)


def sensors() -> Space:
    """32 sensors on a half sphere at 25 times; noise shared by neighbours, and AR(.8) in time."""
    turn = np.arange(32) * np.pi * (3 - np.sqrt(5))
    height = 1 - np.arange(32) / 32
    across = np.sqrt(1 - height**2)
    places = np.column_stack([across * np.cos(turn), across * np.sin(turn), height])
    near = _near(places, 0.6)
    weights = near + sparse.eye_array(32)
    n_times = 25

    def smooth(x: np.ndarray) -> np.ndarray:
        maps = np.einsum("ij,sjt->sit", weights.toarray(), x.reshape(len(x), 32, n_times))
        for t in range(1, n_times):
            maps[:, :, t] = 0.8 * maps[:, :, t - 1] + 0.6 * maps[:, :, t]
        return maps.reshape(len(x), -1)

    return Space(near, {"channel": [f"c{i}" for i in range(32)]}, smooth, places, n_times)


SPACES = {"volume": volume, "surface": surface, "sensors x time": sensors}
EFFECTS = {"none": (0.0, 0.0), "small and strong": (0.006, 2.2), "large and weak": (0.25, 0.75)}
"""The share of the points around one, and the mean there in standard deviations."""


def effect_of(space: Space, share: float, size: float) -> np.ndarray:
    """A mean that is ``size`` at the points nearest to one."""
    n_times = max(space.n_times, 1)
    near = np.argsort(np.linalg.norm(space.places - space.places[7], axis=1))
    mean = np.zeros((len(space.places), n_times))
    root = np.sqrt(share) if space.n_times else share
    inside = near[: max(1, round(root * len(near)))]
    times = slice(n_times // 2, n_times // 2 + max(1, round(root * n_times)))
    mean[inside, times] = size
    return mean.ravel()


def rates(n: int, n_people: int = 8, names: tuple = tuple(SPACES)) -> Iterator[Rate]:
    """For each space and effect, how often each statistic finds anything; fewer sets of power."""
    for name in names:
        space = SPACES[name]()
        n_points = len(space.places) * max(space.n_times, 1)
        threshold = float(stats.t.isf(0.005, n_people - 1))
        for effect, (share, size) in EFFECTS.items():
            rng = np.random.default_rng(7)
            mean = effect_of(space, share, size)
            found = dict.fromkeys(STATISTICS, 0)
            n_sets = n if effect == "none" else max(n // 3, 1)
            for _ in range(n_sets):
                noise = space.smooth(rng.normal(size=(n_people, n_points)))
                scores = scores_of(space, noise / noise.std() + mean)
                for statistic in STATISTICS:
                    test = ic.clusters(scores, space.adjacency, statistic, threshold=threshold)
                    found[statistic] += bool(len(test.significant(ALPHA)))
            shares = {k: v / n_sets for k, v in found.items()}
            yield Rate(name, effect, n_people, shares, n_sets)


def scores_of(space: Space, x: np.ndarray) -> ic.Scores:
    tables = {"subject": {"subject": range(len(x))}, "unit": space.units}
    if space.n_times:
        tables["time"] = {"time": np.arange(space.n_times) / 100}
        x = x.reshape(len(x), -1, space.n_times)
    return ic.Scores(x, tables)


def page(found: list[Rate]) -> str:
    """The table of the docs."""
    lines = [
        "| space | effect | people | max | mass | size | tfce | data sets |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rate in found:
        shown = " | ".join(f"{rate.found[name]:.3f}" for name in STATISTICS)
        mark = "" if rate.kept else " **above .05**"
        row = f"{rate.space} | {rate.effect}{mark} | {rate.n_people} | {shown} | {rate.n}"
        lines.append(f"| {row} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = list(rates(int(sys.argv[1]) if len(sys.argv) > 1 else 240))
    PAGE.write_text(page(rows), encoding="utf-8")
    print(page(rows))
