"""How often dear things are done in each verb, and how much is copied: no clock is needed for it.

Whoever makes a table to compute, ranks a row twice, looks for libraries in a loop, or copies a
recording once more, fails here.
"""

import io
import os
import sys
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import threadpoolctl

import isocortex as ic
from isocortex.numerics.arrays import ranks

NAMES = [f"image {i}" for i in range(20)]
RNG = np.random.default_rng(0)
BASE = RNG.random(190)
VOXELS = RNG.normal(size=(20, 10))
UNITS = {"roi": ["a"] * 5 + ["b"] * 5}
LAYER = ic.Responses(RNG.normal(size=(20, 50)), NAMES, labels={"layer": "conv1", "network": "n"})
DEEP = ic.Responses(RNG.normal(size=(20, 50)), NAMES, labels={"layer": "conv5", "network": "n"})
IT = ic.Responses(VOXELS, NAMES, UNITS, {"region": "IT", "subject": 1})
V1 = ic.Responses(VOXELS + RNG.normal(size=(20, 10)), NAMES, UNITS, {"region": "V1", "subject": 1})
ANGLES = ic.Responses(VOXELS, NAMES, table={"orientation": [9.0 * i for i in range(20)]})
SERIES = [
    ic.Responses(VOXELS + RNG.normal(size=(20, 10)), NAMES, labels={"subject": s}) for s in range(4)
]
TRIALS = ic.Trials(RNG.normal(size=(80, 10)), NAMES * 4, runs=np.repeat(range(4), 20), units=UNITS)
COURSE = ic.Trials(RNG.normal(size=(80, 10, 5)), NAMES * 4, np.arange(5) / 10)
MODELS = ic.RDMs(BASE + RNG.random((2, 190)), NAMES, {"layer": ["conv1", "conv5"]})
ONE = MODELS.select(layer="conv1")
PEOPLE = ic.RDMs(BASE + RNG.random((6, 190)), NAMES, {"subject": range(6), "region": "IT"})
TIMES = ic.RDMs(BASE + RNG.random((5, 190)), NAMES, {"time": [0.0, 0.1, 0.2, 0.3, 0.4]})
SUBJECTS = {"subject": {"subject": range(8)}}
TWO = {"layer": {"layer": ["conv1", "conv5"]}}
SCORES = ic.Scores(RNG.normal(0.2, 0.1, (2, 8)), TWO | SUBJECTS, "pearson")
OTHERS = SCORES.replace(tables=TWO | {"subject": {"subject": range(8, 16)}})
HALF, FULL = {"layer": "conv1"}, {"layer": "conv5"}

VERBS = {
    "Responses": lambda: ic.Responses(VOXELS, NAMES, UNITS, {"region": "IT"}),
    "Responses with a table": lambda: ic.Responses(VOXELS, NAMES, table={"kind": ["a"] * 20}),
    "Responses.take": lambda: IT.take(range(5)),
    "Responses.units_where": lambda: IT.units_where(range(5)),
    "Responses.replace": lambda: IT.replace(labels={"region": "V1"}),
    "Gram": lambda: ic.Gram(VOXELS @ VOXELS.T, VOXELS.sum(1), 10, NAMES),
    "Trials": lambda: ic.Trials(TRIALS.values, TRIALS.stimuli, units=UNITS),
    "Trials.take": lambda: TRIALS.take(range(40)),
    "RDMs": lambda: ic.RDMs(MODELS.values, NAMES, {"layer": ["conv1", "conv5"]}),
    "RDMs.from_arrays": lambda: ic.RDMs.from_arrays(MODELS.square(), NAMES),
    "RDMs.select": lambda: PEOPLE.select(subject=[1, 3], region="IT"),
    "RDMs.reorder": lambda: PEOPLE.reorder(NAMES[::-1]),
    "RDMs.mean": lambda: PEOPLE.mean(),
    "RDMs.concat": lambda: ic.RDMs.concat([MODELS, PEOPLE, TIMES]),
    "Scores": lambda: ic.Scores(SCORES.values, TWO | SUBJECTS),
    "Scores.select": lambda: SCORES.select(layer="conv5", subject=2),
    "Scores.mean": lambda: SCORES.mean("subject"),
    "repr": lambda: [repr(each) for each in (LAYER, TRIALS, MODELS, SCORES, ic.Ridge(1.0))],
    "align": lambda: ic.align(LAYER, IT.take(range(20)[::-1])),
    "average": lambda: ic.average(TRIALS),
    "run_averages": lambda: ic.run_averages(TRIALS),
    "time_windows": lambda: ic.time_windows(COURSE, 0.2),
    "smooth": lambda: ic.smooth(COURSE, 0.1),
    "standardize": lambda: ic.standardize(IT),
    "clean": lambda: ic.clean(TRIALS),
    "gram": lambda: ic.gram(LAYER),
    "rdms": lambda: ic.rdms([LAYER, IT]),
    "rdms of trials": lambda: ic.rdms(TRIALS, "crossnobis"),
    "noise_covariance": lambda: ic.noise_covariance(COURSE.at(0.1)),
    "compare": lambda: ic.compare(MODELS, PEOPLE),
    "compare, whitened": lambda: ic.compare(MODELS, PEOPLE, "whitened_correlation"),
    "compare, moments": lambda: ic.compare(MODELS, PEOPLE, permutations="moments"),
    "similarity": lambda: ic.similarity([LAYER, DEEP], [IT, V1]),
    "noise_ceiling": lambda: ic.noise_ceiling(PEOPLE),
    "noise_ceiling of trials": lambda: ic.noise_ceiling(TRIALS),
    "fuse": lambda: ic.fuse(TIMES, PEOPLE),
    "fuse with a model": lambda: ic.fuse(TIMES, PEOPLE, model=ONE),
    "infer": lambda: ic.infer(MODELS, PEOPLE, n=20),
    "infer by permutation": lambda: ic.infer(MODELS, PEOPLE, n=20, method="permutation"),
    "fit_rdms": lambda: ic.fit_rdms(ic.Weighted(MODELS), PEOPLE, folds=(2, 2)),
    "partition": lambda: ic.partition({"a": ONE, "b": MODELS.select(layer="conv5")}, PEOPLE, n=20),
    "recovery": lambda: ic.recovery(MODELS, people=[4], noise=[1.0], n=3),
    "interval": lambda: ic.interval(SCORES),
    "interval of Fisher's z": lambda: ic.interval(SCORES, fisher=True),
    "difference": lambda: ic.difference(SCORES, FULL, HALF),
    "corrected": lambda: ic.corrected(ic.interval(SCORES)),
    "intersubject": lambda: ic.intersubject(SERIES),
    "identification": lambda: ic.identification(V1, IT),
    "encode": lambda: ic.encode([LAYER, DEEP], [IT, V1], ic.Ridge([1.0]), folds=2),
    "decode": lambda: ic.decode(IT, LAYER, ic.Ridge([1.0]), folds=2),
}

RANKED = {
    # A row of each RDM; of a ceiling those of the means of others and of all as well.
    "compare": 8,
    "compare, moments": 16,
    "noise_ceiling": 19,
    "fuse": 11,
    "fuse with a model": 23,
    # Two models and four people in each of three data sets, for either model.
    "recovery": 28,
}
"""How often a row is ranked; in no other verb is any."""

ROOM_OF_PANDAS = str(Path(pd.__file__).parent)


def counted(call):
    """How often tables are dealt with, rows ranked, libraries looked for, files opened."""
    call()  # What is remembered is not counted.
    found = Counter()
    scan = threadpoolctl.ThreadpoolController.__init__.__code__
    opening = (io.open, os.open)

    def count(frame, event, argument):
        if event == "call":
            code = frame.f_code
            found["rankings"] += code is ranks._rank.__code__
            found["library scans"] += code is scan
            found["calls of pandas"] += code.co_filename.startswith(ROOM_OF_PANDAS)
        elif event == "c_call":
            found["files opened"] += argument in opening

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return {key: n for key, n in found.items() if n}


@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_makes_no_table_and_ranks_each_row_once(verb):
    allowed = {"rankings": RANKED[verb]} if verb in RANKED else {}
    assert counted(VERBS[verb]) == allowed


def test_the_counts_see_what_they_are_to_see(tmp_path):
    (tmp_path / "a").write_text("a")

    def wasteful():
        pd.DataFrame({"a": [1]}).copy()
        threadpoolctl.ThreadpoolController()
        (tmp_path / "a").read_text()
        ranks.midranks(np.ones((3, 4)))

    found = counted(wasteful)
    assert found["calls of pandas"] > 2
    assert (found["library scans"], found["rankings"]) == (1, 3)
    assert found["files opened"] >= 1


LARGE = RNG.normal(size=(200, 4000))
KEPT = LARGE.copy()
KEPT.flags.writeable = False
MANY = [f"image {i}" for i in range(200)]
WIDE = ic.Responses(KEPT, MANY, labels={"layer": "conv1"})
BRAIN = ic.Responses(KEPT, MANY, labels={"region": "IT"})
REPEATED = ic.Trials(KEPT, MANY[:50] * 4)
STACK = ic.RDMs(RNG.random((40, 19900)), MANY, {"subject": range(40)})
LONG = ic.Scores(
    RNG.random((200, 4000)), {"unit": {"unit": range(200)}, "time": {"time": range(4000)}}
)
IT_OF_MANY = ic.Responses(RNG.normal(size=(200, 10)), MANY, labels={"region": "IT"})
COPIES = {
    # The large array that a verb is given, and how many times its bytes may be held beside it.
    "Responses of a writable array": (LARGE, lambda: ic.Responses(LARGE, MANY), 1),
    "Responses": (KEPT, lambda: ic.Responses(KEPT, MANY), 0),
    "Responses.replace": (KEPT, lambda: WIDE.replace(labels={"layer": "x"}), 0),
    "Trials": (KEPT, lambda: ic.Trials(KEPT, MANY), 0),
    "align": (KEPT, lambda: ic.align(WIDE, BRAIN), 0),
    "gram": (KEPT, lambda: ic.gram(WIDE), 1),
    "rdms": (KEPT, lambda: ic.rdms(WIDE), 1),
    "similarity": (KEPT, lambda: ic.similarity(WIDE, BRAIN), 1),
    "average": (KEPT, lambda: ic.average(REPEATED), 1),
    "standardize": (KEPT, lambda: ic.standardize(WIDE), 3),
    "identification": (KEPT, lambda: ic.identification(WIDE, BRAIN), 4.2),
    "encode": (KEPT, lambda: ic.encode(WIDE, IT_OF_MANY, ic.Ridge([1.0]), folds=2), 2),
    "RDMs": (STACK.values, lambda: ic.RDMs(STACK.values, MANY, {"subject": range(40)}), 0.2),
    "RDMs.select": (STACK.values, lambda: STACK.select(subject=[1, 2]), 0.2),
    "RDMs.mean": (STACK.values, lambda: STACK.mean(), 0.2),
    "compare": (STACK.values, lambda: ic.compare(STACK.select(subject=1), STACK), 3.8),
    "noise_ceiling": (STACK.values, lambda: ic.noise_ceiling(STACK), 6.7),
    "Scores.mean": (LONG.values, lambda: LONG.mean("time"), 0),
    "Scores.table": (LONG.values, lambda: LONG.table(), 4),
}


@pytest.mark.parametrize("verb", COPIES)
def test_a_large_array_is_held_so_many_times_at_most(verb):
    array, call, allowed = COPIES[verb]
    call()
    tracemalloc.start()
    try:
        call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= (allowed + 0.1) * array.nbytes


def test_what_cannot_be_written_to_is_held_as_it_is():
    assert np.shares_memory(WIDE.values, KEPT)
    assert np.shares_memory(REPEATED.values, KEPT)
    assert not np.shares_memory(ic.Responses(LARGE, MANY).values, LARGE)
