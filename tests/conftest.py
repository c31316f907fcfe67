"""Fixtures that every room uses."""

import os
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")


@pytest.fixture
def rng():
    return np.random.default_rng(20261121)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real recordings (data/) and pretrained networks (weights/)."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("ISOCORTEX_SHARED", beside))
    if not (folder / "data").is_dir():
        pytest.skip("real data are absent: no folder 'shared' beside the project")
    return folder


def read_only(array):
    """An array that cannot be written to: code that edits its input fails."""
    array = np.array(array)
    array.flags.writeable = False
    return array


@pytest.fixture(params=["numpy", "numpy-readonly", "torch"])
def as_array(request):
    """Turns a numpy array into each kind of array that numerics must take."""
    if request.param == "torch":
        return pytest.importorskip("torch").from_numpy
    return read_only if request.param == "numpy-readonly" else np.asarray
