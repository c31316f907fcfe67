"""How often infer errs, and how often it finds what is there: the tables of docs/inference.md.

``python benchmarks/simulate_inference.py [sets]`` prints the rates; 200 sets of data for each
number of people and of stimuli take some ten minutes, and as many of models that are fitted hours.
``python benchmarks/simulate_inference.py sets seed`` prints the latter alone.

A stimulus has features; a person weights them in its own way and adds noise, and its RDM is of the
squared distances. ``first`` and ``second`` are models of one half of the features each, equally
good by symmetry; ``unrelated`` is of features that no brain has; ``true`` weights all features as
people do on average.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

import isocortex as ic
from isocortex.inference.contrasts import Spread, interval, spread, t_of
from isocortex.inference.crossvalidated import crossvalidated, held_out_scores
from isocortex.inference.models import models_of
from isocortex.inference.people import people_of
from isocortex.inference.relabelled import relabelled_p
from isocortex.inference.samples import Samples, Task, drawn, sampled, scores_of

PEOPLE, STIMULI = (5, 10, 20), (10, 30, 92)
N_FEATURES, N_SAMPLES, NOISE = 10, 400, 2.0
FITTED_SIZES = ((8, 24), (5, 30), (10, 20), (10, 30), (20, 30))
FITTED_SAMPLES = (1000, 400, 100)
KINDS = ("weighted", "nonnegative", "selected", "interpolated")
METRIC = "pearson"
BOTH = ("subject", "stimulus")
FIRST, SECOND, UNRELATED, TRUE = range(4)
NAMES = ["first", "second", "unrelated", "true"]


class Rates(NamedTuple):
    """Of one method, for one number of people and of stimuli."""

    people: int
    stimuli: int
    method: str
    above: float
    """How often the unrelated model is above 0 (p < .05)."""
    pair: float
    """How often two equally good models differ."""
    cover: tuple[float, float, float]
    """How often intervals hold the expected score: unrelated, related, and the difference."""
    power: float
    """How often a model of half the features is above 0."""
    better: float
    """How often it is found better than the unrelated one."""
    below: float
    """How often the true model is found below the lower ceiling."""
    n: int


def distances(features: np.ndarray) -> np.ndarray:
    i, j = np.triu_indices(features.shape[-2], 1)
    return ((features[..., i, :] - features[..., j, :]) ** 2).sum(-1)


def data(n_people: int, n_stimuli: int, rng: np.random.Generator) -> tuple[ic.RDMs, ic.RDMs]:
    """Models and brains, of new stimuli and people each time."""
    half = N_FEATURES // 2
    features = rng.normal(size=(n_stimuli, N_FEATURES))
    other = rng.normal(size=(n_stimuli, half))
    weights = rng.gamma(2, 0.5, size=(n_people, 1, N_FEATURES))
    noise = NOISE * rng.normal(size=(n_people, n_stimuli, N_FEATURES))
    brain = distances(np.concatenate([features * np.sqrt(weights), noise], 2))
    rows = [features[:, :half], features[:, half:], other, features]
    names = [f"stimulus {i}" for i in range(n_stimuli)]
    models = ic.RDMs([distances(each) for each in rows], names, {"model": NAMES})
    return models, ic.RDMs(brain, names, {"subject": range(n_people)})


def expected(n_people: int, n_stimuli: int, rng: np.random.Generator, n: int) -> np.ndarray:
    """Mean scores of such experiments, shape (n_models,); the halves are equal by symmetry."""
    scores = np.mean(
        [ic.compare(*data(n_people, n_stimuli, rng), METRIC).values.mean(1) for _ in range(n)],
        axis=0,
    )
    scores[[FIRST, SECOND]] = scores[[FIRST, SECOND]].mean()
    scores[UNRELATED] = 0.0
    return scores


def simulated(
    n_sets: int, people: tuple[int, ...] = PEOPLE, stimuli: tuple[int, ...] = STIMULI, seed: int = 0
) -> Iterator[Rates]:
    for n_people in people:
        for n_stimuli in stimuli:
            rng = np.random.default_rng([seed, n_people, n_stimuli])
            truth = expected(n_people, n_stimuli, rng, max(200, 2 * n_sets))
            found = defaultdict(list)
            for _ in range(n_sets):
                for method, events in one_set(n_people, n_stimuli, truth, rng):
                    found[method].append(events)
            for method, events in found.items():
                above, pair, *cover, power, better, below = np.mean(events, axis=0)
                yield Rates(
                    n_people,
                    n_stimuli,
                    method,
                    above,
                    pair,
                    tuple(cover),
                    power,
                    better,
                    below,
                    n_sets,
                )


def one_set(
    n_people: int, n_stimuli: int, truth: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[str, list[float]]]:
    """What each method says of one set of data."""
    models, brain = data(n_people, n_stimuli, rng)
    task = Task(models_of(models, brain), brain.values, people_of(brain), n_stimuli, METRIC)
    samples = sampled(task, BOTH, *drawn(task, BOTH, N_SAMPLES, rng))
    score, lower = scores_of(task).mean(1), ic.noise_ceiling(brain, METRIC).low
    ways = {
        "people only": (_alone(samples, "subject"), "published"),
        "stimuli only": (_alone(samples, "stimulus"), "published"),
        "two-factor, published": (samples, "published"),
        "two-factor, satterthwaite": (samples, "satterthwaite"),
    }
    for name, (some, df) in ways.items():
        yield name, events(spread(some, n_people, n_stimuli, df), score, lower, truth)
    # rsatoolbox: the same variances (tests/inference), the mean of the samples, and two sides.
    both = samples.by_factor["both"][:, 0].mean(0)
    found = spread(samples, n_people, n_stimuli, "published")
    theirs = events(found, both[:-1], both[-1], truth)
    t = t_of(both[TRUE] - both[-1], found.of_differences[TRUE, -1])
    theirs[-1] = float(2 * stats.t.sf(abs(t), min(n_people, n_stimuli) - 1) < 0.05)
    yield "rsatoolbox", theirs
    p = relabelled_p(task, N_SAMPLES, rng)[0]
    none = float("nan")
    yield (
        "label permutation",
        [
            float(p[UNRELATED] < 0.05),
            none,
            none,
            none,
            none,
            float(p[FIRST] < 0.05),
            none,
            none,
        ],
    )


def events(found: Spread, score: np.ndarray, lower: float, truth: np.ndarray) -> list[float]:
    """What would be said at p < .05: 1 where it would be."""
    p = stats.t.sf(t_of(score, found.of_scores[:4]), found.df_of_scores[:4])
    low, high = interval(score, found.of_scores[:4], found.df_of_scores[:4])
    held = (low <= truth) & (truth <= high)

    def of_pair(a: int, b: int) -> tuple[float, float, float]:
        difference, variance = score[a] - score[b], found.of_differences[a, b]
        df = found.df_of_differences[a, b]
        ends = interval(difference, variance, df)
        return 2 * float(stats.t.sf(abs(t_of(difference, variance)), df)), ends[0], ends[1]

    equal, better = of_pair(FIRST, SECOND), of_pair(FIRST, UNRELATED)
    below = t_of(score[TRUE] - lower, found.of_differences[TRUE, 4])
    said = [
        p[UNRELATED] < 0.05,
        equal[0] < 0.05,
        held[UNRELATED],
        held[FIRST],
        equal[1] <= 0 <= equal[2],
        p[FIRST] < 0.05,
        better[0] < 0.05 and score[FIRST] > score[UNRELATED],
        stats.t.cdf(below, found.df_of_differences[TRUE, 4]) < 0.05,
    ]
    return [float(each) for each in said]


def _alone(samples: Samples, factor: str) -> Samples:
    return Samples({factor: samples.by_factor[factor]}, samples.n_dropped)


class Fitted(NamedTuple):
    """Of models that are fitted; for each a number of each kind of fit."""

    people: int
    stimuli: int
    samples: int
    above: np.ndarray
    """How often one of unrelated parts is above 0 (p < .05), of two in each set."""
    pair: np.ndarray
    """How often the fits to parts of either half of the features differ."""
    cover: np.ndarray
    """How often intervals hold 0 for unrelated, and the mean score for related ones."""
    power: np.ndarray
    """How often one of related parts is above 0."""
    better: np.ndarray
    """How often it is found better than the unrelated one."""
    n: int


def to_fit(n_people: int, n_stimuli: int, rng: np.random.Generator) -> tuple[dict, ic.RDMs]:
    """Two models of five unrelated parts, two of two parts of a half and an unrelated one."""
    features = rng.normal(size=(n_stimuli, N_FEATURES))
    weights = rng.gamma(2, 0.5, size=(n_people, 1, N_FEATURES))
    noise = NOISE * rng.normal(size=(n_people, n_stimuli, N_FEATURES))
    brain = distances(np.concatenate([features * np.sqrt(weights), noise], 2))
    names = [f"stimulus {i}" for i in range(n_stimuli)]
    sets = [distances(rng.normal(size=(5, n_stimuli, 5))) for _ in range(2)]
    for first in (0, 5):
        of_half = [features[:, first : first + 2], features[:, first + 2 : first + 5]]
        of_half.append(rng.normal(size=(n_stimuli, 3)))
        sets.append(np.array([distances(each) for each in of_half]))
    models = {}
    for i, rows in enumerate(sets):
        parts = ic.RDMs(rows, names, {"part": range(len(rows))})
        models[f"weighted {i}"] = ic.Weighted(parts, nonnegative=False)
        models[f"nonnegative {i}"] = ic.Weighted(parts)
        models[f"selected {i}"] = ic.Selected(parts)
        models[f"interpolated {i}"] = ic.Interpolated(parts)
    return models, ic.RDMs(brain, names, {"subject": range(n_people)})


def fitted(
    n_sets: int,
    sizes: tuple[tuple[int, int], ...] = FITTED_SIZES,
    samples: tuple[int, ...] = FITTED_SAMPLES,
    seed: int = 0,
) -> Iterator[Fitted]:
    """What infer says of fitted models, by its own parts, each number of samples on all sets."""
    for n_people, n_stimuli in sizes:
        rng = np.random.default_rng([seed, n_people, n_stimuli])
        scores, spreads = [], defaultdict(list)
        for _ in range(n_sets):
            models, brain = to_fit(n_people, n_stimuli, rng)
            task = Task(models_of(models, brain), brain.values, people_of(brain), n_stimuli, METRIC)
            for n in samples:
                found = crossvalidated(task, BOTH, drawn(task, BOTH, n, rng), rng)[0]
                spreads[n].append(spread(found, n_people, n_stimuli, "published"))
            scores.append(held_out_scores(task, rng)[0])
        for n in samples:
            yield rates_of_fits((n_people, n_stimuli, n), np.array(scores), spreads[n])


def rates_of_fits(size: tuple[int, int, int], scores: np.ndarray, spreads: list[Spread]) -> Fitted:
    """Scores (n_sets, 16): models by kinds of fit, the unrelated ones first."""
    k = len(KINDS)
    one, two = np.arange(2 * k, 3 * k), np.arange(3 * k, 4 * k)
    found = {
        name: np.array([getattr(each, name)[: 4 * k] for each in spreads])
        for name in ("of_scores", "of_differences", "df_of_scores", "df_of_differences")
    }
    p = stats.t.sf(t_of(scores, found["of_scores"]), found["df_of_scores"])
    low, high = interval(scores, found["of_scores"], found["df_of_scores"])
    related = (scores[:, one] + scores[:, two]).mean(0) / 2
    truth = np.concatenate([np.zeros(2 * k), related, related])
    held = (low <= truth) & (truth <= high)

    def t_of_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        df = found["df_of_differences"][:, first, second]
        variance = found["of_differences"][:, first, second]
        return t_of(scores[:, first] - scores[:, second], variance) / stats.t.ppf(0.975, df)

    return Fitted(
        *size,
        (p < 0.05)[:, : 2 * k].reshape(-1, k).mean(0),
        (abs(t_of_pairs(one, two)) > 1).mean(0),
        np.concatenate([each.reshape(-1, k).mean(0) for each in np.split(held, 2, axis=1)]),
        (p < 0.05)[:, 2 * k :].reshape(-1, k).mean(0),
        (t_of_pairs(one, np.arange(k)) > 1).mean(0),
        len(scores),
    )


def main() -> None:
    n_sets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    if sys.argv[2:]:
        print_fitted(fitted(n_sets, seed=int(sys.argv[2])))
        return
    print(
        "| people × stimuli | method | unrelated, p above 0 | equal pair, p | cover: unrelated, "
        "related, difference | power: above 0 | power: better | true model below ceiling |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for each in simulated(n_sets):
        cover = " ".join(_cell(value) for value in each.cover)
        cells = [_cell(v) for v in (each.above, each.pair)]
        tail = [_cell(v) for v in (each.power, each.better, each.below)]
        who = f"{each.people} × {each.stimuli}"
        print("|", " | ".join([who, each.method, *cells, cover, *tail]), "|", flush=True)
    print()
    print_fitted(fitted(n_sets))


def print_fitted(found: Iterable[Fitted]) -> None:
    """A row for each size and number of samples, then of all sizes together."""
    print(
        "| people × stimuli | sets | samples | unrelated, p above 0 | equal pair, p | "
        "cover: unrelated | cover: related | power: above 0 | power: better |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    by_samples = defaultdict(list)
    for each in found:
        by_samples[each.samples].append(each)
        print(_row(f"{each.people} × {each.stimuli}", each.n, each.samples, each), flush=True)
    for n, some in by_samples.items():
        rates = [np.mean([getattr(e, name) for e in some], axis=0) for name in Fitted._fields[3:8]]
        print(_row("all", sum(e.n for e in some), n, Fitted(0, 0, n, *rates, 0)), flush=True)


def _row(who: str, n_sets: int, n_samples: int, rates: Fitted) -> str:
    cells = [rates.above, rates.pair, *np.split(rates.cover, 2), rates.power, rates.better]
    numbers = [" ".join(map(_cell, values)) for values in cells]
    return " | ".join([f"| {who}", str(n_sets), str(n_samples), *numbers]) + " |"


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.3f}"


if __name__ == "__main__":
    main()
