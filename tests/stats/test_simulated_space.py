"""The simulations of the page on tests over space, with fewer data sets."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def simulate():
    path = ROOT / "benchmarks" / "simulate_space.py"
    spec = importlib.util.spec_from_file_location("simulate_space", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def held(rates):
    """Together they are sharper: what is above and below is so by chance."""
    found = sum(rate.n * share for rate in rates for share in rate.found.values())
    expected = sum(rate.n * 0.05 for rate in rates for _ in rate.found)
    # The four tests of one data set are nearly one.
    return found <= expected + 3 * np.sqrt(4 * expected)


def test_family_wise_error_in_a_volume_on_a_surface_and_of_sensors_at_times(simulate, monkeypatch):
    monkeypatch.setattr(simulate, "EFFECTS", {"none": (0.0, 0.0)})
    rates = list(simulate.rates(8))
    assert [rate.space for rate in rates] == list(simulate.SPACES)
    assert held(rates)


@pytest.mark.slow
def test_level_and_power_in_every_space(simulate):
    rates = list(simulate.rates(100))
    assert [rate for rate in rates if not rate.kept] == []
    for rate in rates:
        if rate.effect == "large and weak":
            assert rate.found["mass"] > rate.found["max"]


def test_the_page_has_a_row_for_every_space_and_effect_and_none_is_above(simulate):
    page = (ROOT / "docs" / "space_table.md").read_text(encoding="utf-8")
    assert "above .05" not in page
    rows = {tuple(line.strip("| ").split(" | ")[:2]) for line in page.splitlines()[2:]}
    assert rows == {(space, effect) for space in simulate.SPACES for effect in simulate.EFFECTS}


def test_a_level_that_is_not_held_is_seen(simulate):
    assert not simulate.Rate("volume", "none", 8, {"max": 0.04, "mass": 0.1}, 300).kept
    assert simulate.Rate("volume", "large and weak", 8, {"max": 0.9}, 300).kept
