import numpy as np
import pytest

from isocortex.numerics.series.delays import convolution, delayed_gram, shifts, smooth
from isocortex.numerics.series.hrf import hrf

SPANS = [slice(0, 25), slice(25, 60), slice(60, 68)]


def slow_copies(x, delays):
    """Rows less the mean of their run, moved one at a time."""
    copies = []
    for delay in delays:
        copy = np.zeros_like(x)
        for span in SPANS:
            centred = x[span] - x[span].mean(0)
            for i in range(span.stop - span.start):
                if 0 <= i - delay < span.stop - span.start:
                    copy[span.start + i] = centred[i - delay]
        copies.append(copy)
    return copies


@pytest.mark.parametrize("delays", [[1, 2, 3, 4], [0], [-2, 0, 3], [-1, -3], [7, 1], [30]])
@pytest.mark.parametrize("offset", [0.0, 3.0, 1e3])
def test_delays_on_the_gram_are_those_of_the_rows(rng, delays, offset):
    x = rng.normal(size=(68, 5)) + offset
    z = np.hstack(slow_copies(x, delays))
    found = delayed_gram(x @ x.T, SPANS, shifts(delays))
    size = max(1.0, offset**2)
    np.testing.assert_allclose(found, z @ z.T, atol=2e-14 * size * 5)


def test_many_rows_go_through_in_blocks(rng):
    x = rng.normal(size=(500, 3))
    spans = [slice(0, 101), slice(101, 500)]
    copies = []
    for delay in (1, 2, 3):
        moved = np.zeros_like(x)
        for span in spans:
            part = x[span] - x[span].mean(0)
            moved[span.start + delay : span.stop] = part[:-delay]
        copies.append(moved)
    z = np.hstack(copies)
    found = delayed_gram(x @ x.T, spans, shifts([1, 2, 3]))
    np.testing.assert_allclose(found, z @ z.T, atol=1e-13)


def test_a_response_of_the_blood_on_the_gram_is_the_convolution_of_rows(rng):
    x = rng.normal(size=(68, 5)) + 2
    kernel = hrf("spm", 2.0)
    late = sum(
        weight * copy
        for weight, copy in zip(kernel, slow_copies(x, range(len(kernel))), strict=True)
    )
    for span in SPANS:
        part = x[span] - x[span].mean(0)
        full = np.array([np.convolve(column, kernel)[: len(part)] for column in part.T]).T
        np.testing.assert_allclose(late[span], full, atol=1e-14)
    found = delayed_gram(x @ x.T, SPANS, convolution(kernel))
    np.testing.assert_allclose(found, late @ late.T, rtol=0, atol=1e-13)


@pytest.mark.parametrize("strength", [0.1, 1.0, 30.0])
def test_smooth_weights_follow_from_mixed_copies(rng, strength):
    """Ridge on the mixtures is generalized ridge, with the penalty on second differences."""
    x, y, delays = rng.normal(size=(68, 3)), rng.normal(size=68), [1, 2, 3, 4]
    copies = np.array(slow_copies(x, delays))
    second = np.diff(np.eye(4), 2, axis=0)
    inverse = np.linalg.inv(np.eye(4) + strength * second.T @ second)
    wanted = np.einsum("de,dip,ejp->ij", inverse, copies, copies)
    found = delayed_gram(x @ x.T, SPANS, smooth(delays, strength))
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    z = np.hstack(list(copies))
    penalty = np.kron(np.eye(4) + strength * second.T @ second, np.eye(3))
    weights = np.linalg.solve(z.T @ z + 2.0 * penalty, z.T @ y)
    fitted = found @ np.linalg.solve(found + 2.0 * np.eye(68), y)
    np.testing.assert_allclose(fitted, z @ weights, atol=1e-12)
