"""Does every p-value and interval keep what it promises, where the null hypothesis is true?

Run ``python benchmarks/simulate_chance.py``: writes the table of ``docs/simulated.md``. The tests
run the same simulations with fewer data sets.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Lasso
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

import isocortex as ic

PAGE = Path(__file__).resolve().parents[1] / "docs" / "simulated_table.md"
ALPHA = 0.05


class Rate(NamedTuple):
    """How often something happened in simulations."""

    call: str
    data: str
    what: str
    promised: float
    found: float
    n: int

    @property
    def error(self) -> float:
        """The binomial standard error of what was promised."""
        return float(np.sqrt(self.promised * (1 - self.promised) / self.n))

    @property
    def kept(self) -> bool:
        """Not more false alarms, or not less coverage, than promised, within three errors."""
        side = 1 if self.promised < 0.5 else -1
        return side * (self.found - self.promised) <= 3 * self.error


def autoregressive(rng, n, n_columns, phi=0.8):
    x = rng.normal(size=(n, n_columns))
    for t in range(1, n):
        x[t] = phi * x[t - 1] + np.sqrt(1 - phi**2) * x[t]
    return x


# How the rows depend on one another: features or targets, the folds, the permutations.

RUNS, OBJECTS = np.repeat(np.arange(6), 10), np.repeat(np.arange(12), 5)


def white(rng, n_columns):
    return rng.normal(size=(60, n_columns))


def run_offsets(rng, n_columns):
    return white(rng, n_columns) + 2 * rng.normal(size=(6, n_columns))[RUNS]


def series(rng, n_columns):
    return autoregressive(rng, 120, n_columns)


def runs_of_series(rng, n_columns):
    return np.concatenate([autoregressive(rng, 30, n_columns) for _ in range(4)])


def repeats(rng, n_columns):
    return white(rng, n_columns) + 2 * rng.normal(size=(12, n_columns))[OBJECTS]


def objects(rng, n_columns):
    return rng.normal(size=(12, n_columns))[OBJECTS]


def correlated(rng, n_columns):
    return white(rng, n_columns) + 2 * white(rng, 1)


CIRCULAR = ic.Permutation(99, null="circular")
DESIGNS = {
    "white": (white, white, 5, 99),
    "run offsets, runs as groups": (
        run_offsets,
        run_offsets,
        ic.Folds(LeaveOneGroupOut(), RUNS),
        99,
    ),
    "AR(.8), circular": (series, series, 5, CIRCULAR),
    "AR(.8) in runs, circular, runs as groups": (
        runs_of_series,
        runs_of_series,
        ic.Folds(LeaveOneGroupOut(), np.repeat(np.arange(4), 30)),
        CIRCULAR,
    ),
    "repeats of objects, objects as groups": (
        repeats,
        repeats,
        ic.Folds(GroupKFold(4), OBJECTS),
        99,
    ),
    "features the same for all repeats, objects as groups": (
        objects,
        repeats,
        ic.Folds(GroupKFold(4), OBJECTS),
        99,
    ),
    "correlated units": (white, correlated, 5, 99),
}

# The white design again, by other ways to a score.
WAYS = {
    "white, pooled=True": {"pooled": True},
    "white, a model that often predicts a constant": {"model": Lasso(0.2)},
}


def encoding(n):
    """Rates of p, and of any p_max or p_fdr among eight units."""
    designs = {**DESIGNS, **dict.fromkeys(WAYS, DESIGNS["white"])}
    given = n
    for name, (x, y, folds, asked) in designs.items():
        options = {"model": ic.Ridge(10.0), **WAYS.get(name, {})}
        # What fits a model anew in every permutation takes longer.
        n = max(given // 2, 1) if name in WAYS else given
        rng, single, largest, false = np.random.default_rng(1), 0, 0, 0
        for seed in range(n):
            how = asked if isinstance(asked, ic.Permutation) else ic.Permutation(asked)
            how = ic.Permutation(how.n, seed, how.null)
            columns = ic.encode(
                ic.Responses(x(rng, 15)),
                ic.Responses(y(rng, 8)),
                folds=folds,
                permutations=how,
                **options,
            ).columns
            single += columns["p"].flat[0] <= ALPHA
            largest += (columns["p_max"] <= ALPHA).any()
            false += (columns["p_fdr"] <= ALPHA).any()
        yield Rate("encode, decode", name, "p ≤ .05", ALPHA, single / n, n)
        yield Rate("encode, decode", name, "any p_max ≤ .05", ALPHA, largest / n, n)
        yield Rate("encode, decode", name, "any p_fdr ≤ .05", ALPHA, false / n, n)


def classes(rng):
    return list(rng.permutation(np.repeat(list("ab"), 20)))


def classes_of_objects(rng):
    return list(rng.permutation(np.repeat(list("ab"), 5)).repeat(4))


def blocks_of_classes(rng):
    return list(np.repeat(rng.permutation(list("aaabbb")), 8))


PROBES = {
    "white, stratified folds": (white, classes, 4, ic.Permutation(39)),
    "class by object, objects as groups": (
        repeats,
        classes_of_objects,
        ic.Folds(GroupKFold(5), np.repeat(np.arange(10), 4)),
        ic.Permutation(39),
    ),
    "AR(.8), blocks of classes, circular": (series, blocks_of_classes, 4, CIRCULAR),
}


def probing(n):
    """Rates of p of a linear discriminant."""
    n = max(n // 3, 20)
    for name, (x, labels, folds, asked) in PROBES.items():
        rng, found = np.random.default_rng(2), 0
        for seed in range(n):
            y = labels(rng)
            features = x(rng, 4)[: len(y)]
            if x is repeats:
                features = rng.normal(size=(40, 4)) + 2 * rng.normal(size=(10, 4)).repeat(4, 0)
            model = LinearDiscriminantAnalysis()
            how = ic.Permutation(min(asked.n, 39), seed, asked.null)
            scores = ic.probe(ic.Responses(features), y, model, folds=folds, permutations=how)
            found += scores.columns["p"].item() <= ALPHA
        yield Rate("probe", name, "p ≤ .05", ALPHA, found / n, n)


def table_of(values):
    tables = {
        "model": pd.DataFrame({"layer": range(len(values))}),
        "data": pd.DataFrame({"subject": range(values.shape[1])}),
    }
    return ic.Scores(values, tables, "pearson")


def subjects(n):
    """The t-test of many scores at once, and its corrections."""
    n = 5 * n
    for n_subjects in (5, 30):
        rng, who = np.random.default_rng(3), f"{n_subjects} subjects, normal"
        found = ic.interval(table_of(rng.normal(size=(n, n_subjects))))
        covered = (found.columns["low"] <= 0) & (found.columns["high"] >= 0)
        yield Rate("interval", who, "p ≤ .05", ALPHA, (found.columns["p"] <= ALPHA).mean(), n)
        yield Rate("interval", who, "interval covers", 0.95, covered.mean(), n)
        one = ic.interval(table_of(rng.normal(size=(n, n_subjects))), tail="greater")
        p = one.columns["p"]
        yield Rate("interval", f"{who}, tail='greater'", "p ≤ .05", ALPHA, (p <= ALPHA).mean(), n)
        r = np.tanh(0.5 + 0.2 * rng.normal(size=(n, n_subjects)))
        found = ic.interval(table_of(r), fisher=True).columns
        covered = (found["low"] <= np.tanh(0.5)) & (found["high"] >= np.tanh(0.5))
        who = f"{n_subjects} subjects, correlations, fisher=True"
        yield Rate("interval", who, "interval covers", 0.95, covered.mean(), n)
        for method in ("fdr", "holm"):
            families = rng.normal(size=(n // 5, 20, n_subjects))
            families += rng.normal(size=(n // 5, 1, n_subjects)) / 2
            wrong = [
                (
                    ic.corrected(ic.interval(table_of(f)), method).columns[f"p_{method}"] <= 0.05
                ).any()
                for f in families
            ]
            who = f"{n_subjects} subjects, 20 regions, {method}"
            yield Rate("corrected", who, "any ≤ .05", ALPHA, np.mean(wrong), len(wrong))


def differences(n):
    """Two scores of the same subjects."""
    for n_subjects, test, tail in (
        (5, "t", "two_sided"),
        (5, "sign_flip", "two_sided"),
        (5, "sign_flip", "greater"),
        (30, "t", "two_sided"),
        (30, "sign_flip", "two_sided"),
    ):
        rng, found = np.random.default_rng(4), []
        for seed in range(n):
            scores = table_of(rng.normal(size=(2, n_subjects)) + rng.normal(size=n_subjects))
            options = {"test": test, "tail": tail, "n_permutations": 1000, "seed": seed}
            found.append(ic.difference(scores, {"layer": 0}, {"layer": 1}, **options))
        who = f"{n_subjects} subjects, {test}, {tail}"
        p = np.mean([each.p <= ALPHA for each in found])
        covered = np.mean([each.low <= 0 <= each.high for each in found])
        yield Rate("difference", who, "p ≤ .05", ALPHA, p, n)
        yield Rate("difference", who, "interval covers", 0.95, covered, n)


def courses(n):
    """Smooth time courses of six regions."""
    for n_subjects in (5, 30):
        rng, found = np.random.default_rng(5), 0
        for seed in range(n):
            x = np.stack([autoregressive(rng, 40, n_subjects).T for _ in range(6)])
            tables = {
                "data": pd.DataFrame({"region": range(6)}),
                "subject": pd.DataFrame({"subject": range(n_subjects)}),
                "time": pd.DataFrame({"time": range(40)}),
            }
            clusters = ic.clusters(ic.Scores(x, tables), n_permutations=200, seed=seed)
            found += len(clusters.significant()) > 0
        who = f"{n_subjects} subjects, AR(.8) in time, 6 regions"
        yield Rate("clusters", who, "any p_max ≤ .05", ALPHA, found / n, n)


def layers_of(rng, shares, n_units, size=1):
    layers = []
    for share in shares:
        top = rng.choice(len(share), size=n_units, p=share).repeat(size)
        r = np.full((len(share), len(top)), 0.1)
        r[top, np.arange(len(top))] = 0.8
        layers.append(r)
    return layers


def own_regions(rng):
    shares = np.full((8, 5), 0.1)
    shares[np.arange(8), rng.integers(0, 5, 8)] += 0.5
    return layers_of(rng, shares, 200)


TREND = np.linspace([5, 4, 3, 2, 1], [1, 2, 3, 4, 5], 8) / 15


def people_of(rng, n_subjects):
    people = []
    for _ in range(n_subjects):
        own = np.array([rng.dirichlet(20 * share) for share in TREND])
        people.append(layers_of(rng, own, 25))
    return [list(layer) for layer in zip(*people, strict=True)]


HIERARCHIES = {
    "each layer a region of its own at random": (own_regions, "layers"),
    "independent units on a trend": (lambda rng: layers_of(rng, TREND, 120), "layers"),
    "units in 10 clusters a layer": (lambda rng: layers_of(rng, TREND, 10, 12), "layers"),
    "units in 4 clusters a layer": (lambda rng: layers_of(rng, TREND, 4, 30), "layers"),
    "5 subjects": (lambda rng: people_of(rng, 5), "subjects"),
    "30 subjects": (lambda rng: people_of(rng, 30), "subjects"),
}


def hierarchies(n):
    """Eight layers and five regions, choices of five layers."""
    none = ic.Resampling(n=0)
    many = layers_of(np.random.default_rng(0), TREND, 40_000)
    truth = ic.hierarchy(many, resampling=none).value
    for name, (make, over) in HIERARCHIES.items():
        rng, found = np.random.default_rng(6), []
        for seed in range(n):
            how = ic.Resampling(over, n=199, seed=seed)
            found.append(ic.hierarchy(make(rng), resampling=how))
        right = 0.0 if make is own_regions else truth
        covered = np.mean([each.low <= right <= each.high for each in found])
        yield Rate("hierarchy", name, "interval covers", 0.95, covered, n)
        if make is own_regions:
            p = np.mean([each.p <= ALPHA for each in found])
            yield Rate("hierarchy", name, "p ≤ .05", ALPHA, p, n)


SIMULATIONS: dict[Callable, float] = {
    encoding: 0.5,
    probing: 0.75,
    subjects: 1,
    differences: 1,
    courses: 0.5,
    hierarchies: 1,
}
"""Each with its share of the data sets: what refits models takes longer."""


def simulated(n: int) -> list[Rate]:
    """All rates, from about ``n`` data sets each."""
    with warnings.catch_warnings():
        # Five subjects, and folds with constant units, are warned of.
        warnings.simplefilter("ignore")
        return [rate for f, share in SIMULATIONS.items() for rate in f(max(int(share * n), 1))]


def page(rates: list[Rate]) -> str:
    """The table of the docs."""
    lines = [
        "| call | data under the null | rate of | promised | found | data sets |",
        "|---|---|---|---|---|---|",
    ]
    for r in rates:
        promised = f"{r.promised:.2f} ± {r.error:.3f}"
        mark = "" if r.kept else " **not kept**"
        row = (r.call, r.data, r.what, promised, f"{r.found:.3f}{mark}", str(r.n))
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    rates = simulated(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
    PAGE.write_text(page(rates), encoding="utf-8")
    print(page(rates))
