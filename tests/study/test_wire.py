"""What travels to workers and back: paths, names and keys, never numbers of a layer."""

import pickle
from collections import Counter
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.study import run as runs
from isocortex.study.dask import DaskRunner

pytest.importorskip("distributed")

SENT, BACK = 500, 50
"""Bytes of a number, at most."""


class Future:
    """A call that was done already."""

    def __init__(self, key, outcome):
        self.key, self.status, self._outcome = key, "finished", outcome

    def result(self, timeout=None):
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
        return Future(key, pickle.loads(self._bytes(received(*ask), self.back, name)))

    def _bytes(self, what, count, name):
        from io import BytesIO

        held = BytesIO()
        NoArrays(held, 5).dump(what)
        count[name] += len(held.getvalue())
        return held.getvalue()


def test_paths_and_keys_travel_and_no_arrays(folder, done, monkeypatch):
    wire = Wire()
    monkeypatch.setattr(
        runs, "runner_at", lambda where, study, _: DaskRunner(study, lambda: nullcontext(wire))
    )
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
