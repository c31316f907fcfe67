"""How often things are done, which no clock is needed for: what is dear is done once, or never."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.mapping import crossval

NAMES = [f"s{i}" for i in range(8)]


@pytest.fixture
def no_tables(monkeypatch):
    """Tidy tables of scores, which repeat every label for every number, are only for people."""

    def built(*_):
        raise AssertionError("a verb builds a table to compute")

    monkeypatch.setattr(ic.Scores, "table", built)


def of_subjects(rng, n=8):
    return ic.RDMs(rng.random((n, 28)) + rng.random(28), NAMES, {"subject": range(n)})


def in_time(rng):
    tables = {"subject": {"subject": range(8)}, "time": {"time": np.arange(5) / 10}}
    return ic.Scores(rng.normal(0.2, 1, (8, 5)), tables, "pearson")


def two_regions(rng):
    tables = {"subject": {"subject": range(8)}, "region": {"region": ["V1", "IT"]}}
    return ic.Scores(rng.normal(0.2, 1, (8, 2)), tables, "pearson")


VERBS = {
    "compare": lambda rng: ic.compare(of_subjects(rng), of_subjects(rng, 2)),
    "noise_ceiling": lambda rng: ic.noise_ceiling(of_subjects(rng)),
    "fuse": lambda rng: ic.fuse(
        ic.RDMs(rng.random((3, 28)), NAMES, {"time": [0.1, 0.2, 0.3]}),
        ic.RDMs(rng.random((2, 28)), NAMES, {"region": ["V1", "IT"]}),
        model=ic.RDMs(rng.random((1, 28)), NAMES),
    ),
    "clusters": lambda rng: ic.clusters(in_time(rng), n_permutations=20),
    "interval": lambda rng: ic.interval(two_regions(rng)),
    "difference": lambda rng: ic.difference(two_regions(rng), {"region": "V1"}, {"region": "IT"}),
    "corrected": lambda rng: ic.corrected(ic.interval(two_regions(rng))),
    "infer": lambda rng: ic.infer(
        ic.RDMs(rng.random((2, 28)), NAMES, {"model": ["a", "b"]}), of_subjects(rng), n=20
    ),
    "similarity": lambda rng: ic.similarity(
        ic.Responses(rng.random((8, 3)), NAMES), ic.Responses(rng.random((8, 2)), NAMES)
    ),
    "encode": lambda rng: ic.encode(
        ic.Responses(rng.random((8, 3)), NAMES),
        ic.Responses(rng.random((8, 2)), NAMES),
        ic.Ridge(1.0),
        folds=2,
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
def test_no_verb_builds_a_table_to_compute(verb, rng, no_tables):
    VERBS[verb](rng)


@pytest.mark.filterwarnings("ignore:.*no cluster can have p")
def test_clusters_make_labels_for_series_and_not_for_scores(rng, monkeypatch):
    sizes = []
    once = pd.DataFrame.__init__
    monkeypatch.setattr(
        pd.DataFrame,
        "__init__",
        lambda self, *args, **kwargs: (once(self, *args, **kwargs), sizes.append(len(self)))[0],
    )
    tables = {
        "subject": {"subject": range(8)},
        "region": {"region": ["V1", "IT"]},
        "time": {"time": np.arange(50) / 10},
    }
    scores = ic.Scores(rng.normal(0.2, 1, (8, 2, 50)), tables, "pearson")
    sizes.clear()
    ic.clusters(scores, n_permutations=20)
    assert max(sizes) <= 100  # of 800 scores


def threads_of(rng, shape, model, folds=2):
    """The most threads of linear algebra during the folds of an encoding."""
    from threadpoolctl import threadpool_info, threadpool_limits

    n, units, targets = shape
    names = [f"s{i}" for i in range(n)]
    x = ic.Responses(rng.normal(size=(n, units)), names)
    y = ic.Responses(rng.normal(size=(n, targets)), names)
    seen = []
    once = crossval.prepared

    def look(*each):
        seen.append(max(i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"))
        return once(*each)

    with pytest.MonkeyPatch.context() as patch, threadpool_limits(2, user_api="blas"):
        patch.setattr(crossval, "prepared", look)
        ic.encode(x, y, model, folds=folds)
        after = max(i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas")
    return max(seen), after


def test_small_products_have_one_thread_and_large_ones_those_that_there_are(rng):
    assert threads_of(rng, (40, 30, 5), ic.Ridge(1.0)) == (1, 2)
    one = [(np.arange(1000), np.arange(1000, 1100))]
    assert threads_of(rng, (1100, 10, 1000), ic.Ridge(1.0), one) == (2, 2)


def test_folds_that_are_worked_on_side_by_side_have_one_thread_each(rng):
    assert threads_of(rng, (120, 30, 500), ic.Ridge(1.0)) == (1, 2)
