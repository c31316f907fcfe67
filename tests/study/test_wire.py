"""What travels to workers and back: paths, names and keys, never numbers of a layer."""

import pickle
from collections import Counter
from contextlib import nullcontext
from itertools import cycle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.study import dask as dask_runner
from isocortex.study import run as runs
from isocortex.study.dask import DaskRunner

pytest.importorskip("distributed")

SENT, BACK = 500, 50
"""Bytes of a number, at most."""


class Future:
    """A call that was done already."""

    def __init__(self, key, outcome, status="finished"):
        self.key, self.status, self._outcome = key, status, outcome

    def result(self, timeout=None):
        return self._outcome

    def exception(self):
        return self._outcome

    def add_done_callback(self, call):
        call(self)


class NoArrays(pickle.Pickler):
    """Refuses what would be an array on the way."""

    def persistent_id(self, obj):
        assert not isinstance(obj, np.ndarray), "an array travels"


class Wire:
    """A client of Dask with one worker, which gets everything as bytes and answers with bytes."""

    def __init__(self):
        self.sent, self.back, self.calls = Counter(), Counter(), Counter()

    def scheduler_info(self, n_workers=-1):
        return {"workers": {"one": {"resources": {}}}}

    def submit(self, call, *arguments, key, **_options):
        name = call.__name__
        received, ask = pickle.loads(self._bytes((call, arguments), self.sent, name))
        self.calls[name] += 1
        try:
            outcome = received(*ask)
        except ic.IsocortexError as error:
            return Future(key, error, "error")
        return Future(key, pickle.loads(self._bytes(outcome, self.back, name)))

    def _bytes(self, what, count, name):
        from io import BytesIO

        held = BytesIO()
        NoArrays(held, 5).dump(what)
        count[name] += len(held.getvalue())
        return held.getvalue()


@pytest.fixture
def wire(monkeypatch):
    """Runs have a wire in place of workers."""
    wire = Wire()
    monkeypatch.setattr(
        runs, "runner_at", lambda where, study, _: DaskRunner(study, lambda: nullcontext(wire))
    )
    return wire


def test_a_worker_with_other_formulas_is_refused_before_it_computes(folder, wire, monkeypatch):
    said = cycle([dask_runner.formulas(), "isocortex 9.0 (formulas 7)"])  # asked, then there
    monkeypatch.setattr(dask_runner, "formulas", lambda: next(said))
    with pytest.raises(
        ic.InputError, match=r"The worker on .* has isocortex 9.0 .formulas 7., but"
    ):
        ic.run(ic.Study.from_toml(folder / "study.toml"), where=1)
    assert not (folder / "results" / "records").exists()


def test_paths_and_keys_travel_and_no_arrays(folder, done, wire):
    result = ic.run(ic.Study.from_toml(folder / "study.toml"), where=1)
    n = result.plan.n_tasks
    assert n > 80
    assert wire.sent["perform_all"] / n < SENT
    assert wire.back["perform_all"] / n < BACK
    assert wire.calls["extract_there"] == 2
    assert (wire.sent + wire.back)["extract_there"] < 2 * 10_000
    columns = ["seconds"]
    pd.testing.assert_frame_equal(
        result.table().drop(columns=columns), done.table().drop(columns=columns)
    )
