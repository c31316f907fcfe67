"""The verb partition: parts of each person's variance, less chance, with intervals."""

import numpy as np
import pytest

import isocortex as ic

N = 16
NAMES = [f"image {i}" for i in range(N)]
I, J = np.triu_indices(N, 1)


def of_points(rng, n, size=N, width=6):
    x = rng.normal(size=(n, size, width))
    i, j = np.triu_indices(size, 1)
    return ((x[:, i] - x[:, j]) ** 2).sum(2)


def made(rng, n_people=6, noise=3.0):
    visual, shared, semantic = of_points(rng, 3)
    sets = {
        "visual": ic.RDMs([visual, visual + shared], NAMES, {"layer": ["conv1", "conv5"]}),
        "semantic": ic.RDMs([semantic + shared], NAMES),
    }
    truth = visual + shared + semantic
    people = truth + noise * rng.normal(size=(n_people, len(truth)))
    return sets, ic.RDMs(people, NAMES, {"subject": range(n_people)})


def r2(x, y):
    design = np.column_stack([x.T, np.ones(len(y))])
    left = y - design @ np.linalg.lstsq(design, y)[0]
    return 1 - left.var() / y.var()


def slow_parts(sets, row):
    a, b = (each.values for each in sets.values())
    both = r2(np.concatenate([a, b]), row)
    return [both - r2(b, row), both - r2(a, row), r2(a, row) + r2(b, row) - both, both]


def test_parts_of_each_person_are_differences_of_r2(rng):
    sets, brain = made(rng)
    found = ic.partition(sets, brain, chance="none", n=0)
    right = np.array([slow_parts(sets, row) for row in brain.values]).T
    np.testing.assert_allclose(found.people.values, right, atol=1e-12)
    table = found.table()
    assert table.part.tolist() == ["visual", "semantic", "visual & semantic", "all"]
    assert table.kind.tolist() == ["unique", "unique", "shared", "total"]
    np.testing.assert_allclose(table.explained, right.mean(1), atol=1e-12)
    assert table.explained[:3].sum() == pytest.approx(table.explained[3])
    assert table.low.isna().all()


def test_rows_meet_by_name(rng):
    sets, brain = made(rng)
    shuffled = brain.take(rng.permutation(N))
    first, second = (ic.partition(sets, each, n=0).table() for each in (brain, shuffled))
    np.testing.assert_allclose(first.explained, second.explained, atol=1e-12)


@pytest.mark.parametrize("chance", ["relabelled", "cross_validated"])
def test_rdms_that_have_nothing_to_do_with_the_brain_explain_nothing(rng, chance):
    found, naive = [], []
    for seed in range(30):
        models = of_points(rng, 3)
        sets = {"a": ic.RDMs(models[:2], NAMES, {"k": [0, 1]}), "b": ic.RDMs(models[2:], NAMES)}
        brain = ic.RDMs(of_points(rng, 4), NAMES, {"subject": range(4)})
        found.append(ic.partition(sets, brain, chance=chance, n=0, seed=seed).explained)
        naive.append(ic.partition(sets, brain, chance="none", n=0).explained)
    error = np.std(found, 0) / np.sqrt(30)
    tolerance = 4 * error + (0 if chance == "relabelled" else 0.05)
    assert (np.mean(found, 0) < tolerance).all()
    assert np.mean(naive, 0)[3] > 0.04
    if chance == "relabelled":
        assert (np.abs(np.mean(found, 0)) < tolerance).all()


def test_cross_validated_parts_are_those_of_fits_on_other_stimuli(rng):
    from isocortex.numerics.inference.draws import fold_numbers

    sets, brain = made(rng, n_people=2)
    found = ic.partition(sets, brain, chance="cross_validated", n=0, seed=3)
    lots, x = np.random.default_rng(3), np.concatenate([s.values for s in sets.values()])
    right = np.zeros(2)
    for _ in range(10):
        lot = fold_numbers(np.ones((1, N)), 3, lots)[0]
        for fold in range(3):
            train = (lot[I] != fold) & (lot[J] != fold)
            test = (lot[I] == fold) & (lot[J] == fold)
            for person, row in enumerate(brain.values):
                a, b = x[:, train] - x[:, train].mean(1, keepdims=True), row[train]
                theta = np.linalg.lstsq(a.T, b - b.mean())[0]
                left = row[test] - theta @ x[:, test]
                right[person] += (1 - left.var() / row[test].var()) / 30
    np.testing.assert_allclose(found.people.values[3], right, atol=1e-9)


@pytest.mark.parametrize("method", ["product", "shapley"])
def test_one_number_for_each_set(rng, method):
    sets, brain = made(rng)
    found = ic.partition(sets, brain, method=method, n=0).table()
    parts = ic.partition(sets, brain, n=0).table()
    assert found.part.tolist() == ["visual", "semantic", "all"]
    assert found.explained[:2].sum() == pytest.approx(parts.explained[3])
    if method == "shapley":
        share = parts.explained[0] + parts.explained[2] / 2
        assert found.explained[0] == pytest.approx(share)


def test_intervals_hold_the_parts_of_the_population(rng):
    sets, brain = made(rng, n_people=8)
    found = ic.partition(sets, brain, n=300, seed=1)
    table = found.table()
    assert (table.low < table.explained).all()
    assert (table.explained < table.high).all()
    assert found.notes["drawn"] == {"people": 8, "stimuli": N}
    again = ic.partition(sets, brain, n=300, seed=1).table()
    np.testing.assert_array_equal(table.low, again.low)
    wider = ic.partition(sets, brain.select(subject=[0, 1]), n=300)
    assert wider.notes["drawn"] == {"stimuli": N}
    assert (wider.table().high - wider.table().low > 0).all()


def test_chance_is_taken_out_as_it_is_said(rng):
    sets, brain = made(rng)
    parts = {
        c: ic.partition(sets, brain, chance=c, n=0) for c in ("none", "relabelled", "adjusted")
    }
    raw = parts["none"].explained
    for each in parts.values():
        np.testing.assert_allclose(each.table().raw, raw, atol=1e-12)
    order = [rng.permutation(N) for _ in range(150)]
    null = np.mean(
        [ic.partition(sets, relabelled(brain, o), chance="none", n=0).explained for o in order], 0
    )
    np.testing.assert_allclose(raw - parts["relabelled"].explained, null, atol=0.015)
    expected = raw[3] - parts["relabelled"].explained[3]
    # Of all together; people are alike in what they are expected to give.
    assert parts["adjusted"].explained[3] == pytest.approx(
        (raw[3] - expected) / (1 - expected), abs=0.01
    )


def relabelled(brain, order):
    return ic.RDMs.from_arrays(brain.square()[:, order][:, :, order], NAMES, brain.labels)


@pytest.mark.slow
@pytest.mark.parametrize("chance", ["adjusted", "relabelled", "cross_validated"])
def test_coverage_of_the_intervals(rng, chance):
    def draw(size, n_people):
        x = rng.normal(size=(3, size, 6))
        i, j = np.triu_indices(size, 1)
        d = ((x[:, i] - x[:, j]) ** 2).sum(2)
        people = d.sum(0) + 6 * rng.normal(size=(n_people, d.shape[1]))
        names = [f"image {k}" for k in range(size)]
        sets = {"a": ic.RDMs(d[:1], names), "b": ic.RDMs([d[1] + d[0]], names)}
        return sets, ic.RDMs(people, names, {"subject": range(n_people)})

    # The population: very many stimuli of the same kind.
    truth = np.mean(
        [ic.partition(*draw(300, 20), chance="none", n=0).explained for _ in range(5)], 0
    )
    covered, found = [], []
    for seed in range(100):
        table = ic.partition(*draw(24, 8), chance=chance, n=200, seed=seed).table()
        covered.append((table.low <= truth) & (truth <= table.high))
        found.append(table.explained)
    assert np.mean(covered, 0).min() > (0.9 if chance == "adjusted" else 0.85)
    if chance == "adjusted":
        np.testing.assert_allclose(np.mean(found, 0), truth, atol=0.035)


def test_what_nothing_adds_is_nothing_also_where_much_is_explained(rng):
    """The unique part of a set without relation, where others explain most of the variance."""
    found = {"adjusted": [], "relabelled": []}
    for _ in range(20):
        truth, other = of_points(rng, 2)
        sets = {"true": ic.RDMs([truth], NAMES), "other": ic.RDMs([other], NAMES)}
        people = 3 * truth + of_points(rng, 6)
        brain = ic.RDMs(people, NAMES, {"subject": range(6)})
        for chance, parts in found.items():
            parts.append(ic.partition(sets, brain, chance=chance, n=0).explained[1])
    mean = {chance: np.mean(parts) for chance, parts in found.items()}
    error = np.std(found["adjusted"]) / np.sqrt(20)
    assert abs(mean["adjusted"]) < 3 * error
    # Subtracting what chance explains of the whole takes too much.
    assert mean["relabelled"] < -10 * error


def test_negative_parts_are_shown(rng):
    noise, signal = of_points(rng, 2)
    sets = {"mixed": ic.RDMs([signal + 2 * noise], NAMES), "noise": ic.RDMs([noise], NAMES)}
    brain = ic.RDMs(signal + 0.1 * rng.normal(size=(5, 120)), NAMES, {"subject": range(5)})
    assert ic.partition(sets, brain, n=0).explained[2] < -0.2


def test_people_who_missed_stimuli(rng):
    sets, brain = made(rng, n_people=3)
    values = brain.values.copy()
    lost = (I < 3) | (J < 3)
    values[1, lost] = np.nan
    gappy = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    found = ic.partition(sets, gappy, n=0)
    few = {name: each.take(range(3, N)) for name, each in sets.items()}
    alone = ic.partition(few, brain.select(subject=1).take(range(3, N)), n=0)
    np.testing.assert_allclose(found.people.values[:, 1], alone.people.values[:, 0], atol=1e-10)
    values[2, 5] = np.nan
    single = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    with pytest.raises(ic.UndefinedError, match="lacks single pairs, not stimuli"):
        ic.partition(sets, single, n=0)
    assert np.isfinite(ic.partition(sets, single, chance="cross_validated", n=0).explained).all()


def test_several_rdms_of_a_person_count_once(rng):
    sets, brain = made(rng, n_people=2)
    uneven = ic.RDMs.concat([brain, brain.select(subject=0)])
    found, right = (ic.partition(sets, each, n=0).explained for each in (uneven, brain))
    np.testing.assert_allclose(found, right, atol=1e-12)


def test_layers_take_the_place_of_rdms(rng):
    responses = ic.Responses(rng.normal(size=(N, 30)), NAMES)
    _, brain = made(rng)
    found = ic.partition({"conv1": responses}, brain, n=0).explained
    right = ic.partition({"conv1": ic.rdms(responses)}, brain, n=0).explained
    np.testing.assert_allclose(found, right)


def test_bad_input(rng):
    sets, brain = made(rng)
    with pytest.raises(ic.InputError, match="needs a mapping or Scores as models"):
        ic.partition(sets["visual"], brain)
    with pytest.raises(ic.InputError, match="needs RDMs as brain, not ndarray"):
        ic.partition(sets, brain.values)
    with pytest.raises(ic.InputError, match="6 sets have 63 parts"):
        ic.partition(dict.fromkeys("abcdef", sets["semantic"]), brain)
    with pytest.raises(ic.InputError, match="the set 'x' is neither RDMs nor"):
        ic.partition({"x": 3}, brain)
    with pytest.raises(ic.InputError, match="chance='relabeled' is not known. Did you mean 'rel"):
        ic.partition(sets, brain, chance="relabeled")
    with pytest.raises(ic.InputError, match="method='part' is not known"):
        ic.partition(sets, brain, method="part")
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.partition({"few": sets["visual"].take(range(9))}, brain)
    small = {name: each.take(range(4)) for name, each in sets.items()}
    many = {"many": ic.RDMs(rng.random((5, 6)), NAMES[:4], {"k": range(5)}), **small}
    with pytest.raises(ic.UndefinedError, match="8 model RDMs together explain 6 pairs whatever"):
        ic.partition(many, brain.take(range(4)))
    flat = ic.RDMs(np.concatenate([brain.values, np.ones((1, 120))]), NAMES, {"subject": range(7)})
    with pytest.raises(ic.UndefinedError, match="1 people do not vary.*subject '6'"):
        ic.partition(sets, flat)
