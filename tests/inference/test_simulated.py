"""The simulations of the page on inference, with fewer sets of data."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def simulate():
    path = ROOT / "benchmarks" / "simulate_inference.py"
    spec = importlib.util.spec_from_file_location("simulate_inference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(rates, n):
    """No rate above .05 and no coverage below .95 by more than three standard errors."""
    slack = 3 * np.sqrt(0.05 * 0.95 / n)
    for each in rates:
        if each.method.startswith("two-factor"):
            assert max(each.above, each.pair) <= 0.05 + slack
            assert min(each.cover) >= 0.95 - slack
            assert each.below == 0
        if each.method == "label permutation":
            assert each.above <= 0.05 + slack


def test_rates_are_what_is_promised(simulate):
    check(simulate.simulated(40, people=(5, 12), stimuli=(12,), seed=1), 40)


@pytest.mark.slow
def test_rates_of_many_people_and_stimuli_are_what_is_promised(simulate):
    check(simulate.simulated(60, people=(5, 20), stimuli=(30, 60), seed=2), 60)
