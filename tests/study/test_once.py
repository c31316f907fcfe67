"""What is made ready once for all recordings of a layer gives what is made ready for each."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import isocortex as ic
from isocortex.mapping import crossval
from isocortex.study import once
from isocortex.study.methods import METHODS
from isocortex.study.settings import Encoding

N = 40
NAMES = [f"image {i}" for i in range(N)]


@pytest.fixture
def sides():
    """A layer, and recordings in orders of their own; the second has a constant unit."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(N, 90))
    found = []
    for n in (7, 5, 9):
        brain = values @ rng.normal(size=(90, n)) + 5 * rng.normal(size=(N, n))
        if n == 5:
            brain[:, 2] = 4.0
        order = rng.permutation(N)
        found.append(ic.Responses(brain[order], [NAMES[i] for i in order]))
    return ic.gram(ic.Responses(values, NAMES)), found


def counted(monkeypatch):
    """How often axes of a fold are computed."""
    from isocortex.mapping.view import View

    plain, count = View._axes, []

    def axes(self, n_axes=None):
        count.append(1)
        return plain(self, n_axes)

    monkeypatch.setattr(View, "_axes", axes)
    return count


def said_of(settings, layer, recordings):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        numbers = list(METHODS["encoding"].numbers(settings, layer, recordings, 0))
    return numbers, [str(each.message) for each in said]


@pytest.mark.parametrize("model", ["ridge", "ols", "pcr", "pls"])
def test_numbers_and_warnings_are_those_of_each_recording_by_itself(sides, model, monkeypatch):
    layer, recordings = sides
    settings = Encoding(name="e", kind="encoding", model=model, folds=4, components=3)
    together, said = said_of(settings, layer, recordings)
    assert any("constant" in message for message in said)
    alone = [said_of(settings, layer, [each]) for each in recordings]
    assert said == [message for _, messages in alone for message in messages]
    for number, (one,) in zip(together, [numbers for numbers, _ in alone], strict=True):
        assert replace(number, per_unit=None) == replace(one, per_unit=None)
        np.testing.assert_array_equal(number.per_unit, one.per_unit)
    monkeypatch.setattr(once, "SHARE", 0.0)
    assert said_of(settings, layer, recordings)[1] == said


def test_each_fold_of_a_layer_is_factorized_once_where_memory_allows(sides, monkeypatch):
    layer, recordings = sides
    settings = Encoding(name="e", kind="encoding", folds=4, penalties=[1.0])
    count = counted(monkeypatch)
    # Few stimuli are factorized all at once, which would be counted once.
    monkeypatch.setattr(crossval, "small_views", lambda *_: None)
    said_of(settings, layer, recordings)
    assert len(count) == 4
    monkeypatch.setattr(once, "SHARE", 0.0)
    said_of(settings, layer, recordings)
    assert len(count) == 4 + 4 * 3


def test_the_number_is_that_of_the_verb(sides):
    layer, recordings = sides
    settings = Encoding(name="e", kind="encoding", folds=4, shuffle=False)
    numbers, _ = said_of(settings, layer, recordings[2:])
    model = ic.Ridge(settings.penalties)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = ic.encode(layer, recordings[2], model, folds=4, pooled=True)
    assert numbers[0].score == pytest.approx(scores.values.mean(), rel=1e-14)
