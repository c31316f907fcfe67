"""The simulations of the page "What was simulated", with fewer data sets."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def simulate():
    path = ROOT / "benchmarks" / "simulate_chance.py"
    spec = importlib.util.spec_from_file_location("simulate_chance", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "n"), [("encoding", 5), ("subjects", 40), ("differences", 25), ("hierarchies", 20)]
)
@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
def test_rates_under_the_null_are_what_is_promised(name, n, simulate):
    rates = list(getattr(simulate, name)(n))
    assert [rate for rate in rates if not rate.kept] == []
    # Together they are sharper: what is above and below is so by chance.
    alarms = [rate for rate in rates if rate.promised == 0.05]
    expected = sum(rate.n * 0.05 for rate in alarms)
    found = sum(rate.n * rate.found for rate in alarms)
    assert found <= expected + 4 * np.sqrt(expected)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
def test_all_rates_under_the_null_are_what_is_promised(simulate):
    assert [rate for rate in simulate.simulated(100) if not rate.kept] == []


def test_the_page_has_a_row_for_every_simulation_and_all_are_kept(simulate):
    page = (ROOT / "docs" / "simulated_table.md").read_text(encoding="utf-8")
    assert "not kept" not in page
    rows = [line.split(" | ") for line in page.splitlines()[2:]]
    assert {row[0].removeprefix("| ") for row in rows} == {
        "encode, decode",
        "probe",
        "interval",
        "corrected",
        "difference",
        "clusters",
        "hierarchy",
    }
    designs = {*simulate.DESIGNS, *simulate.WAYS, *simulate.PROBES, *simulate.HIERARCHIES}
    assert designs <= {row[1] for row in rows}


def test_a_broken_promise_is_seen(simulate):
    assert not simulate.Rate("a", "b", "p ≤ .05", 0.05, 0.12, 400).kept
    assert not simulate.Rate("a", "b", "interval covers", 0.95, 0.88, 400).kept
    assert simulate.Rate("a", "b", "interval covers", 0.95, 1.0, 400).kept
