import matplotlib.pyplot as plt
import numpy as np
import pytest

import isocortex as ic

NAMES = [f"image {i}" for i in range(12)]


@pytest.fixture
def made(rng):
    a, b, _c = rng.random((3, 66))
    models = {"a": a, "b": b, "c": 0.5 * a + b}
    sets = {name: ic.RDMs([row], NAMES) for name, row in models.items()}
    brain = ic.RDMs(a + b + rng.random((6, 66)), NAMES, {"subject": range(6)})
    return sets, brain


@pytest.mark.parametrize("method", ["parts", "product", "shapley"])
def test_every_part_has_its_bar_and_interval(made, method):
    sets, brain = made
    parts = ic.partition(sets, brain, method=method, n=100)
    ax = ic.plots.partition(parts)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], parts.explained)
    assert [each.get_text() for each in ax.get_yticklabels()] == list(parts.names)
    ends = [line[:, 0] for line in ax.collections[-1].get_segments()]
    np.testing.assert_allclose(ends, parts.interval)
    assert len(ax.collections) == len(parts.names) + 1  # people of each part
    assert len(ic.plots.partition(parts, people=False, ax=ax).collections) > 1
    plt.close("all")


def test_parts_without_intervals_are_bars_alone(made):
    sets, brain = made
    ax = ic.plots.partition(ic.partition(sets, brain, n=0), people=False)
    assert len(ax.patches) == 8
    plt.close("all")


def test_circles_hold_the_numbers_of_their_parts(made):
    _, brain = made
    a, b = (ic.RDMs([row], NAMES) for row in brain.values[:2])
    for names in ("ab", "abc"):
        sets = dict(zip(names, (a, b, ic.RDMs(brain.values[2:3], NAMES)), strict=False))
        parts = ic.partition(sets, brain.select(subject=[3, 4, 5]), chance="none", n=0)
        if parts.explained.min() < 0:
            continue
        ax = ic.plots.partition(parts, venn=True)
        shown = {text.get_text() for text in ax.texts}
        assert {f"{value:.3f}" for value in parts.explained[:-1]} <= shown
        assert set(names) <= shown
    plt.close("all")


def test_circles_refuse_what_they_cannot_show(made, rng):
    sets, brain = made
    with pytest.raises(ic.InputError, match="parts of 2 or 3 sets, not shapley of 3"):
        ic.plots.partition(ic.partition(sets, brain, method="shapley", n=0), venn=True)
    noise, signal = rng.random((2, 66))
    sets = {"mixed": ic.RDMs([signal + 2 * noise], NAMES), "noise": ic.RDMs([noise], NAMES)}
    suppressed = ic.partition(sets, ic.RDMs([signal], NAMES), n=0)
    with pytest.raises(ic.InputError, match="'mixed & noise' are below 0, which circles cannot"):
        ic.plots.partition(suppressed, venn=True)
