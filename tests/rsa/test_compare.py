import numpy as np
import pytest
from scipy.stats import spearmanr

import isocortex as ic
from isocortex.numerics.measures.comparison import COMPARISONS

NAMES = [f"img{i}" for i in range(8)]


def stack(rng, n, **labels):
    return ic.RDMs(rng.random((n, 28)), NAMES, labels)


def test_one_row_for_each_pair_with_both_sides_labels(rng):
    models = stack(rng, 2, layer=["a", "b"])
    brain = stack(rng, 3, subject=[1, 2, 3], region="IT")
    table = ic.compare(models, brain, "spearman").table()
    assert list(table.columns) == ["layer", "subject", "region", "score"]
    assert len(table) == 6
    row = table[(table.layer == "b") & (table.subject == 2)].iloc[0]
    assert row.score == pytest.approx(spearmanr(models.values[1], brain.values[1]).statistic)


def test_rows_meet_by_name_not_by_place(rng):
    models, brain = stack(rng, 2, layer=["a", "b"]), stack(rng, 3, subject=[1, 2, 3])
    shuffled = brain.take(rng.permutation(8))
    np.testing.assert_allclose(
        ic.compare(models, shuffled).values, ic.compare(models, brain).values, atol=1e-13
    )


def test_a_label_of_both_sides_is_told_apart(rng):
    table = ic.compare(stack(rng, 1, layer=["a"]), stack(rng, 1, layer=["b"])).table()
    assert table.loc[0, ["layer", "other_layer"]].tolist() == ["a", "b"]


def test_unlabelled_rdms_are_numbered(rng):
    table = ic.compare(stack(rng, 2), stack(rng, 2)).table()
    assert list(table.columns) == ["model", "rdm", "score"]


def test_a_function_is_a_comparison(rng):
    models, brain = stack(rng, 2), stack(rng, 3)
    found = ic.compare(models, brain, lambda a, b: a @ b.T)
    np.testing.assert_allclose(found.values, models.values @ brain.values.T)


def test_bad_input(rng):
    models = stack(rng, 2)
    with pytest.raises(ic.InputError, match="Did you mean 'spearman'"):
        ic.compare(models, models, "speerman")
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.compare(models, models.take(range(7)))
    with pytest.raises(ic.InputError, match="needs RDMs as data, not ndarray"):
        ic.compare(models, models.values)
    flat = ic.RDMs(np.ones((1, 28)), NAMES)
    with pytest.raises(ic.UndefinedError, match="RDMs that are constant"):
        ic.compare(models, flat)


DEFINED_ONLY = [
    name for name in COMPARISONS if name not in ("tau_a", "rho_a", "cosine", "whitened_cosine")
]


@pytest.mark.parametrize("name", DEFINED_ONLY)
@pytest.mark.parametrize("n_models", [2, 9])
def test_a_constant_rdm_is_called_by_its_labels(rng, name, n_models):
    models = stack(rng, n_models, layer=[f"l{i}" for i in range(n_models)])
    brain = stack(rng, 4, subject=["anna", "ben", "cleo", "dan"], region="IT")
    values = brain.values.copy()
    values[2] = 0.3
    flat = ic.RDMs(values, NAMES, brain.labels)
    with pytest.raises(ic.UndefinedError, match=r"data\), subject 'cleo', region 'IT'"):
        ic.compare(models, flat, name)
    values = models.values.copy()
    values[1] = 0.3
    with pytest.raises(ic.UndefinedError, match=r"models\), layer 'l1'"):
        ic.compare(ic.RDMs(values, NAMES, models.labels), brain, name)
    if name not in ("partial", "partial_spearman", "regression"):
        with pytest.raises(ic.UndefinedError, match="noise_ceiling.*subject 'cleo'"):
            ic.noise_ceiling(flat, name)


def test_models_together_are_refused_without_empty_brackets(rng):
    brain, models = stack(rng, 2, subject=[1, 2]), stack(rng, 2, layer=["a", "b"])
    with pytest.raises(ic.UndefinedError, match=r"^compare: .* use 'pearson' or 'spearman'\.$"):
        ic.compare(stack(rng, 1, layer="a"), brain, "partial")
    twice = ic.RDMs(np.repeat(models.values[:1], 2, 0), NAMES, models.labels)
    with pytest.raises(ic.UndefinedError, match=r"linearly dependent.* sum of others\)\.$"):
        ic.compare(twice, brain, "regression")
    with pytest.raises(ic.InputError, match="have no ceiling of this kind"):
        ic.noise_ceiling(brain, "partial")


class TestNoiseCeiling:
    METHODS = (
        ("pearson", "corr"),
        ("spearman", "spearman"),
        ("cosine", "cosine"),
        ("rho_a", "rho-a"),
        ("tau_a", "tau-a"),
        ("kendall", "tau-b"),
    )

    @pytest.mark.parametrize(("ours", "theirs"), METHODS)
    @pytest.mark.filterwarnings("ignore:Noise ceiling for tau")
    def test_equals_rsatoolbox(self, ours, theirs, rng):
        toolbox = pytest.importorskip("rsatoolbox")
        brain = stack(rng, 5, subject=list("abcde"))
        brain = ic.RDMs(brain.values + rng.random(28), NAMES, brain.labels)
        wanted = toolbox.inference.boot_noise_ceiling(toolbox.rdm.RDMs(brain.values), method=theirs)
        np.testing.assert_allclose(ic.noise_ceiling(brain, ours), wanted, atol=1e-10)

    @pytest.mark.filterwarnings("ignore:Noise ceiling for tau")
    def test_sessions_of_one_subject_are_left_out_together(self, rng):
        toolbox = pytest.importorskip("rsatoolbox")
        subject = ["b", "b", "a", "a", "c", "c"]
        brain = stack(rng, 6, subject=subject)
        wanted = toolbox.inference.boot_noise_ceiling(
            toolbox.rdm.RDMs(brain.values, rdm_descriptors={"subject": subject}),
            method="spearman",
            rdm_descriptor="subject",
        )
        np.testing.assert_allclose(ic.noise_ceiling(brain, "spearman"), wanted, atol=1e-10)

    def test_equal_subjects_reach_one(self, rng):
        brain = ic.RDMs(np.tile(rng.random(28), (4, 1)), NAMES, {"subject": range(4)})
        np.testing.assert_allclose(ic.noise_ceiling(brain), (1, 1))

    def test_noise_has_a_lower_bound_of_zero(self, rng):
        low = [ic.noise_ceiling(stack(rng, 6))[0] for _ in range(60)]
        assert abs(np.mean(low)) < 4 * np.std(low) / 60**0.5

    def test_regions_share_no_ceiling(self, rng):
        brain = stack(rng, 4, subject=[1, 2, 1, 2], region=["V1", "V1", "IT", "IT"])
        with pytest.raises(ic.InputError, match=r"select\(region='V1'\)"):
            ic.noise_ceiling(brain)
        assert len(ic.noise_ceiling(brain.select(region="IT"))) == 2

    def test_one_subject_has_none(self, rng):
        with pytest.raises(ic.InputError, match="at least 2 subjects"):
            ic.noise_ceiling(stack(rng, 3, subject=[1, 1, 1]))


def test_the_real_data_have_the_known_ceilings(shared):
    for region, known in (("EVC", (0.25, 0.40)), ("IT", (0.46, 0.55))):
        path = shared / f"data/images92/algonauts92_fmri_{region}_RDMs.npz"
        with np.load(path) as file:
            brain = ic.RDMs.from_arrays(file["Net_RDM"], labels={"subject": range(15)})
        np.testing.assert_allclose(ic.noise_ceiling(brain, "pearson"), known, atol=0.006)


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("sizes", [(1e-200, 1.0), (1.0, 1e200), (1e200, 1e-90)])
def test_the_unit_of_dissimilarities_does_not_matter(name, sizes, rng):
    models, data = rng.random((2, 15)), rng.random((3, 15))
    names = list("abcdef")
    expected = ic.compare(ic.RDMs(models, names), ic.RDMs(data, names), name)
    found = ic.compare(ic.RDMs(models * sizes[0], names), ic.RDMs(data * sizes[1], names), name)
    scale = sizes[1] / sizes[0] if name == "regression" else 1.0
    np.testing.assert_allclose(found.values / scale, expected.values, rtol=1e-9)


@pytest.mark.parametrize("name", COMPARISONS)
def test_what_rounding_makes_of_a_constant_rdm_is_constant(name, rng):
    names, data = list("abcdef"), rng.random((1, 15))
    flat = np.full(15, 0.1)
    flat[::2] = np.nextafter(0.1, 1)
    models = ic.RDMs(np.array([rng.random(15), flat]), names)
    if name in ("tau_a", "rho_a"):
        found = ic.compare(models, ic.RDMs(data, names), name)
        np.testing.assert_allclose(found.values[1], 0, atol=1e-12)
    elif "cosine" in name:
        ic.compare(models, ic.RDMs(data, names), name)
    else:
        with pytest.raises(ic.UndefinedError, match="constant"):
            ic.compare(models, ic.RDMs(data, names), name)
