"""What small calls must not do, by counts that no clock disturbs."""

import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.data.names import checked_names
from isocortex.data.needs import door
from isocortex.data.validation import finite_rows

NAMES = [f"image {i}" for i in range(20)]
RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(20, 50))
VOXELS = FEATURES[:, :10] + RNG.normal(size=(20, 10))
LAYER = ic.Responses(FEATURES, NAMES, labels={"layer": "conv1", "network": "n"})
IT = ic.Responses(VOXELS, NAMES, labels={"region": "IT", "subject": 1})
DECODED = ic.Responses(VOXELS + RNG.normal(size=VOXELS.shape), NAMES, labels={"region": "IT"})
MODELS = ic.RDMs(RNG.random((2, 190)), NAMES, {"layer": ["conv1", "conv5"]})
PEOPLE = ic.RDMs(RNG.random((6, 190)), NAMES, {"subject": range(6), "region": "IT"})
SCORES = ic.Scores(
    RNG.normal(0.2, 0.1, (2, 8)),
    {"layer": {"layer": ["conv1", "conv5"]}, "subject": {"subject": range(8)}},
)


def encoded():
    return ic.encode(LAYER, IT, ic.Ridge([1.0]), folds=2)


VERBS = {
    "Responses": lambda: ic.Responses(FEATURES, NAMES, labels={"layer": "conv1"}),
    "take": lambda: LAYER.take(range(5)),
    "gram": lambda: ic.gram(LAYER),
    "rdms": lambda: ic.rdms(LAYER),
    "rdms of several": lambda: ic.rdms([LAYER, IT]),
    "compare": lambda: ic.compare(MODELS, PEOPLE),
    "RDMs.select": lambda: PEOPLE.select(subject=[1, 3], region="IT"),
    "RDMs.take": lambda: PEOPLE.take(range(5)),
    "Scores.select": lambda: SCORES.select(layer="conv5", subject=2),
    "Scores.mean": lambda: SCORES.mean("subject"),
    "identification": lambda: ic.identification(DECODED, IT),
    "encode": encoded,
}

DOORS = {
    # The verb's own, and one for each noun that it makes.
    "Responses": 1,
    "take": 1,
    "gram": 1,
    "rdms": 2,
    "rdms of several": 2,
    "compare": 3,
    "RDMs.select": 1,
    "RDMs.take": 1,
    "Scores.select": 2,
    "Scores.mean": 1,
    "identification": 2,
    # Folds, permutations, scores, and a smoother for each of the two folds.
    "encode": 6,
}

CHECKS = {
    # Names and numbers are looked at when a noun of them is made, and never again.
    "Responses": 1,
    "take": 1,
    "gram": 1,
    "rdms": 1,
    "rdms of several": 1,
    "compare": 0,
    "RDMs.select": 1,
    "RDMs.take": 1,
    "Scores.select": 0,
    "Scores.mean": 0,
    "identification": 0,
    "encode": 0,
}


def counts(call):
    """How often each function is called by name, once all that is remembered is."""
    call()
    found = Counter()

    def count(frame, event, _):
        if event == "call":
            found[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return found


def tables_made(found):
    return found[pd.DataFrame.__init__.__code__] + found[ic.Scores.table.__code__]


def doors_passed(found):
    """By the function that every door calls with its arguments."""
    (code,) = [
        each.cell_contents.__code__
        for each in door(encoded).__closure__
        if getattr(each.cell_contents, "__name__", "") == "check"
    ]
    return found[code]


@pytest.mark.filterwarnings("ignore::isocortex.errors.SmallFoldsWarning")
@pytest.mark.parametrize("name", VERBS)
def test_no_table_is_built_to_compute(name):
    assert tables_made(counts(VERBS[name])) == 0


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_passes_its_own_door_and_those_of_the_nouns_it_makes(name):
    assert doors_passed(counts(VERBS[name])) == DOORS[name]


@pytest.mark.parametrize("name", VERBS)
def test_names_and_numbers_are_checked_once_when_a_noun_is_made(name):
    found = counts(VERBS[name])
    assert found[checked_names.__code__] == CHECKS[name]
    assert found[finite_rows.__code__] <= 2 * CHECKS[name]


def test_a_door_looks_at_what_fits_by_its_class_once_and_at_lists_each_time():
    ic.rdms([LAYER])
    with pytest.raises(ic.InputError, match="rdms needs"):
        ic.rdms(["conv1"])
    with pytest.raises(ic.InputError, match="rdms needs"):
        ic.rdms([LAYER, "conv1"])
    ic.compare(MODELS, PEOPLE)
    with pytest.raises(ic.InputError, match="compare needs RDMs as data, not Responses"):
        ic.compare(MODELS, LAYER)
    with pytest.raises(ic.InputError, match="missing a required argument: 'data'"):
        ic.compare(MODELS)
    with pytest.raises(ic.InputError, match="multiple values"):
        ic.compare(MODELS, PEOPLE, models=MODELS)


def test_what_is_in_a_name_of_a_file_is_looked_at_each_time(tmp_path):
    with pytest.raises(ic.IsocortexError):
        ic.Store(str(tmp_path / "none.zarr"))
    with pytest.raises(ic.IsocortexError, match="Store"):
        ic.Store("x" * 5000)
