"""Studies in BIDS, written by the tests."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def empty(bids_tree, tmp_path):
    return bids_tree(tmp_path / "study")


@pytest.fixture
def events(rng):
    onsets = np.arange(12) * 9.0 + 4
    shown = rng.permutation(["face", "house", "chair"] * 4)
    return pd.DataFrame({"onset": onsets, "duration": 3.0, "trial_type": shown})


@pytest.fixture
def study(empty, events, rng):
    """Two subjects of two runs each, with signal in them."""
    patterns = {name: rng.normal(size=(3, 3, 2)) for name in ("face", "house", "chair")}
    for subject in ("01", "02"):
        for run in (1, 2):
            own = events.assign(trial_type=rng.permutation(events["trial_type"]))
            data = 1000 + rng.normal(size=(3, 3, 2, 64))
            for onset, duration, name in own.itertuples(index=False):
                times = empty.start + empty.tr * np.arange(64) - 5
                data[..., (times >= onset) & (times < onset + duration)] += patterns[name][
                    ..., None
                ]
            empty.add(subject, f"{run:02d}", data.astype(np.float32), own)
    return empty
