import numpy as np
import pytest

import isocortex as ic
from isocortex.populations.indices import TUNING_INDICES


@pytest.fixture
def population(rng):
    angles = np.repeat(np.arange(-90, 90, 15.0), 3)
    stimuli = ic.gratings(angles, size=(4, 4))
    values = rng.normal(size=(len(angles), 6))
    return ic.Responses(values, stimuli.names, labels={"region": "V1"}), angles, stimuli


def test_curves_equal_a_slow_loop(population):
    responses, angles, _ = population
    curves = ic.tuning_curves(responses)
    assert curves.dims == ("value", "unit")
    for i, angle in enumerate(np.unique(angles)):
        rows = responses.numpy()[angles == angle]
        np.testing.assert_allclose(curves.values[i], rows.mean(0), atol=1e-12)
        sem = rows.std(0, ddof=1) / np.sqrt(len(rows))
        np.testing.assert_allclose(curves.columns["sem"][i], sem, atol=1e-12)
    assert curves.tables["value"]["orientation"].tolist() == np.unique(angles).tolist()
    assert curves.tables["value"]["n_stimuli"].tolist() == [3] * 12
    assert set(curves.table().columns) >= {"orientation", "unit", "region", "score", "sem"}


def test_values_may_come_from_names_stimuli_or_an_array(population):
    responses, angles, stimuli = population
    order = np.random.default_rng(1).permutation(len(angles))
    one = ic.tuning_curves(responses)
    for by, extra in ((angles, {}), ("orientation", {"stimuli": stimuli.take(order)})):
        np.testing.assert_allclose(ic.tuning_curves(responses, by, **extra).values, one.values)


def test_one_stimulus_a_value_has_no_error(rng):
    responses = ic.Responses(rng.normal(size=(4, 2)))
    curves = ic.tuning_curves(responses, [3, 1, 2, 0])
    np.testing.assert_allclose(curves.values, responses.numpy()[[3, 1, 2, 0]])
    assert np.isnan(curves.columns["sem"]).all()


def test_bins(rng):
    values = np.array([0.5, 9.9, 10.0, 25.0])
    x = rng.normal(size=(4, 3))
    curves = ic.tuning_curves(ic.Responses(x), values, bin_width=10)
    np.testing.assert_allclose(curves.values, [x[:2].mean(0), x[2], x[3]])
    np.testing.assert_allclose(curves.tables["value"]["value"], [5.2, 10, 25])


def test_units_are_chosen(population):
    responses, _, _ = population
    whole = ic.tuning_curves(responses).values
    np.testing.assert_allclose(ic.tuning_curves(responses, units=[4, 1]).values, whole[:, [4, 1]])


def von_mises(preferred, kappa=3.0):
    angles = np.arange(-90, 90, 5.0)
    bumps = np.exp(kappa * (np.cos(np.deg2rad(2 * (angles[:, None] - preferred))) - 1))
    return ic.Responses(bumps, ic.gratings(angles, size=(2, 2)).names)


def test_preferred_is_found():
    preferred = np.array([-61.0, 0.0, 12.0, 80.0])
    found = ic.tuning_index(von_mises(preferred), "preferred").values
    np.testing.assert_allclose(found, preferred, atol=1e-6)


def test_selectivity_of_a_von_mises_is_the_ratio_of_bessels():
    from scipy.special import i0, i1

    found = ic.tuning_index(von_mises(np.array([10.0]), 3.0), "selectivity").values
    np.testing.assert_allclose(found, i1(3.0) / i0(3.0), rtol=1e-6)


def test_width_of_a_von_mises():
    found = ic.tuning_index(von_mises(np.array([0.0]), 8.0), "width").values
    low, high = np.exp(-16.0), 1.0
    half = np.rad2deg(np.arccos(1 + np.log((low + high) / 2) / 8)) / 2
    assert found[0] == pytest.approx(2 * half, abs=5.0)


def test_peaks_are_counted():
    angles = np.arange(0, 180, 3.0)
    x = np.stack([np.cos(np.deg2rad(2 * k * angles)) for k in (1, 2, 3)], 1)
    found = ic.tuning_index(ic.Responses(x), "peaks", by=angles)
    assert found.values.tolist() == [1, 2, 3]


def test_contrast_compares_with_the_opposite():
    angles = [0.0, 45.0, 90.0, 135.0]
    x = np.array([[4.0], [1.0], [1.0], [3.0]])
    assert ic.tuning_index(ic.Responses(x), "contrast", by=angles).values[0] == pytest.approx(0.6)


@pytest.mark.parametrize("name", TUNING_INDICES)
def test_no_index_hangs_on_the_order_or_the_scale(name, rng):
    angles = np.arange(-90, 90, 10.0)
    x = rng.uniform(0.1, 1, size=(18, 5))
    order = rng.permutation(18)
    one = ic.tuning_index(ic.Responses(x), name, by=angles)
    two = ic.tuning_index(ic.Responses(3 * x[order]), name, by=angles[order])
    np.testing.assert_allclose(two.values, one.values, atol=1e-9)
    assert one.metric == name


@pytest.mark.parametrize("name", ["selectivity", "contrast", "sparseness"])
def test_bounds(name, rng):
    x = rng.normal(size=(12, 50))
    values = ic.tuning_index(ic.Responses(x), name, by=np.arange(12) * 15.0).values
    assert (values >= 0).all()
    assert (values <= 1 + 1e-12).all()


def test_units_without_responses_are_counted():
    x = np.column_stack([np.arange(4.0), np.ones(4)])
    index = ic.tuning_index(ic.Responses(x), by=[0.0, 45, 90, 135])
    assert np.isnan(index.values).tolist() == [False, True]
    assert index.notes["n_constant_units"] == 1


def test_bad_input(population):
    responses, _, stimuli = population
    with pytest.raises(ic.InputError, match="'contrast' is not known for"):
        ic.tuning_curves(responses, "contrast")
    with pytest.raises(ic.InputError, match="one value for each of 36"):
        ic.tuning_curves(responses, [1, 2, 3])
    with pytest.raises(ic.InputError, match="NaN"):
        ic.tuning_curves(responses, np.full(36, np.nan))
    with pytest.raises(ic.InputError, match="must be numbers"):
        ic.tuning_curves(responses, ["a"] * 36)
    with pytest.raises(ic.MisalignedError, match="no rows for 35 of 36"):
        ic.tuning_curves(responses, stimuli=stimuli.take([0]))
    with pytest.raises(ic.InputError, match="bin_width must be positive"):
        ic.tuning_curves(responses, bin_width=-1)
    with pytest.raises(ic.InputError, match="Did you mean 'selectivity'"):
        ic.tuning_index(responses, "selectivty")
    with pytest.raises(ic.InputError, match="period must be positive"):
        ic.tuning_index(responses, period=0)
    with pytest.raises(ic.InputError, match="at least two values"):
        ic.tuning_index(responses.take([0]))
