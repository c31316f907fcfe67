import numpy as np

from isocortex.numerics.inference.ceilings import sample_ceilings


def slowly(rows, counts):
    """Unit rows pooled: the mean over distinct people, all copies of one left out below."""
    pool = rows.T @ counts
    upper, lower = [], []
    for i in np.flatnonzero(counts):
        others = pool - counts[i] * rows[i]
        upper.append(rows[i] @ pool / np.linalg.norm(pool))
        lower.append(rows[i] @ others / np.linalg.norm(others))
    return np.mean(lower), np.mean(upper)


def test_ceilings_are_those_of_pooled_rows(rng):
    rows = rng.random((5, 40))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    counts = rng.multinomial(5, np.full(5, 0.2), size=30)
    counts = counts[(counts > 0).sum(1) > 1]
    alike = np.broadcast_to(rows @ rows.T, (len(counts), 5, 5))
    found = np.transpose(sample_ceilings(alike, counts))
    np.testing.assert_allclose(found, [slowly(rows, each) for each in counts], atol=1e-12)


def test_a_person_drawn_alone_is_its_own_ceiling():
    lower, upper = sample_ceilings(np.full((1, 3, 3), 0.5) + 0.5 * np.eye(3), np.array([[0, 3, 0]]))
    assert (lower[0], upper[0]) == (1, 1)


def test_people_with_several_rows_count_by_their_rows(rng):
    sizes, counts = np.array([1, 3, 2, 2]), np.array([[1, 2, 0, 3], [2, 1, 1, 1]])
    people = [rng.random((size, 30)) for size in sizes]
    people = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in people]
    sums = np.array([rows.sum(0) for rows in people])
    found = sample_ceilings(np.broadcast_to(sums @ sums.T, (2, 4, 4)), counts, sizes)
    for count, lower, upper in zip(counts, *found, strict=True):
        bounds = []
        for i in np.flatnonzero(count):
            pools = (count @ sums - count[i] * sums[i], count @ sums)
            bounds.append([np.mean(people[i] @ pool / np.linalg.norm(pool)) for pool in pools])
        np.testing.assert_allclose([lower, upper], np.mean(bounds, axis=0), atol=1e-12)
