"""Small recordings with places, for searchlights."""

from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

import isocortex as ic

AFFINE = np.diag([3.0, 3, 3, 1])


def mask(shape=(4, 5, 4)):
    inside = np.random.default_rng(5).random(shape) < 0.85
    inside[2, 2, 1] = False
    return inside.astype(np.int8)


def volume(n, seed=0, offset=0.0, shape=(4, 5, 4)):
    values = np.random.default_rng(seed).normal(size=(*shape, n)) + offset
    return nib.Nifti1Image(values, AFFINE)


def responses(n=7, seed=0, offset=0.0, **labels):
    names = [f"s{i}" for i in range(n)]
    return ic.read_nifti(volume(n, seed, offset), mask(), names, labels=labels)


def trials(n_conditions=6, n_runs=3, n_repeats=2, seed=0, **labels):
    names = [f"c{i}" for i in range(n_conditions)] * (n_runs * n_repeats)
    runs = np.repeat(np.arange(n_runs), n_conditions * n_repeats)
    image = volume(len(names), seed)
    return ic.read_volumes(image, mask(), stimuli=names, runs=runs, labels=labels)


def models(names, n=3, seed=9):
    pairs = len(names) * (len(names) - 1) // 2
    values = np.random.default_rng(seed).random((n, pairs))
    return ic.RDMs(values, names, {"model": [f"m{i}" for i in range(n)]})


@pytest.fixture
def make():
    """Makers of small recordings."""
    return SimpleNamespace(responses=responses, trials=trials, models=models, affine=AFFINE)


@pytest.fixture
def near():
    """Balls of 4 to 19 voxels."""
    return ic.neighbours(responses(), radius=4.5)
