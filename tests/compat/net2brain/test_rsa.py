"""RSA of folders: Net2Brain's arithmetic where it is right, and what differs where it is not."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import squareform

import isocortex as ic
from isocortex.compat.net2brain.evaluations.noiseceiling import NoiseCeiling
from isocortex.compat.net2brain.evaluations.rsa import RSA
from isocortex.compat.net2brain.evaluations.statistics import t_test
from isocortex.compat.net2brain.rdm_creation import LayerRDM

N, PAIRS = 9, 36
NAMES = [f"image_{i}" for i in range(N)]
LAYERS = ("conv.2", "conv.10", "fc")

SIMILAR = {
    "spearman": lambda a, b: stats.spearmanr(a, b)[0],
    "pearson": lambda a, b: stats.pearsonr(a, b)[0],
    "cosine": lambda a, b: a @ b / np.sqrt((a @ a) * (b @ b)),
    "euclidean": lambda a, b: np.sqrt(((a - b) ** 2).sum()),
    "manhattan": lambda a, b: abs(a - b).sum(),
}
TO_SCALE = {
    "spearman": lambda rows: stats.rankdata(rows, axis=-1),
    "pearson": lambda rows: stats.zscore(rows, axis=-1),
    "cosine": lambda rows: rows / np.linalg.norm(rows, axis=-1, keepdims=True),
    "euclidean": lambda rows: rows,
    "manhattan": lambda rows: rows,
}


def squares(rows):
    flat = [squareform(row) for row in np.reshape(rows, (-1, PAIRS))]
    return np.reshape(flat, (*np.shape(rows)[:-1], N, N))


def save_layers(folder, rdms, names=NAMES):
    for layer, rdm in rdms.items():
        LayerRDM(rdm, layer, names, {"distance": "pearson"}).save(folder, "npz")


@pytest.fixture
def study(tmp_path, rng):
    """Three layers, five subjects of EVC, and four of MEG at three times; all a little alike."""
    truth = rng.random(PAIRS)
    layers = {layer: truth + rng.random(PAIRS) * (i + 1) for i, layer in enumerate(LAYERS)}
    fmri = truth + rng.random((5, PAIRS)) * np.arange(1, 6)[:, None]
    meg = truth * np.array([0, 1, 2])[:, None] + rng.random((4, 3, PAIRS))
    for name in ("model", "brain"):
        (tmp_path / name).mkdir()
    save_layers(tmp_path / "model", layers)
    np.savez(tmp_path / "brain" / "fmri_EVC.npz", squares(fmri))
    np.savez(tmp_path / "brain" / "meg_late.npz", Net_RDM=squares(meg))
    (tmp_path / "brain" / "noise_ceiling_log.json").write_text("{}")
    (tmp_path / "model" / ".DS_Store").write_bytes(b"stray")
    return tmp_path, layers, fmri, meg


def ceilings(metric, rows, squared, to_scale=True):
    """Lower and upper, one subject at a time."""
    power = 2 if squared else 1
    scaled = TO_SCALE[metric](rows) if to_scale else rows
    compare = SIMILAR[metric]
    high = [compare(row, scaled.mean(0)) ** power for row in scaled]
    low = [compare(row, np.delete(scaled, i, 0).mean(0)) ** power for i, row in enumerate(scaled)]
    return np.mean(low), np.mean(high)


def test_columns_and_names_are_those_of_the_original(study):
    folder, *_ = study
    found = RSA(folder / "model", str(folder / "brain"), "AlexNet").evaluate()
    assert list(found.columns) == [
        "ROI", "Layer", "Model", "R2", "%R2", "R2_array", "Significance", "SEM", "LNC", "UNC",
    ]  # fmt: skip
    assert found["ROI"].unique().tolist() == ["(0) fmri_EVC", "(1) meg_late"]
    assert found["Layer"].tolist()[:3] == [
        "(0) RDM_conv_2.npz", "(1) RDM_conv_10.npz", "(2) RDM_fc.npz",
    ]  # fmt: skip
    assert found["Model"].unique() == ["AlexNet"]
    plain = RSA(folder / "model", folder / "brain", "AlexNet", squared=False).evaluate()
    assert list(plain.columns)[3:6] == ["R", "%R", "R_array"]


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("metric", SIMILAR)
def test_scores_are_those_of_the_original(study, metric, squared):
    folder, layers, fmri, meg = study
    rsa = RSA(folder / "model", folder / "brain", "m", squared=squared)
    found = rsa.evaluate(distance_metric=metric)
    name, percent, array = rsa.get_rnames()
    rows = iter(found.to_dict("records"))
    for data in (fmri[:, None], meg):
        low, high = ceilings(metric, data.mean(1), squared)
        for layer in LAYERS:
            row = next(rows)
            r = np.array([[SIMILAR[metric](t, layers[layer]) for t in s] for s in data]).mean(1)
            scores = r**2 if squared else r
            np.testing.assert_allclose(row[array], scores, atol=1e-12)
            np.testing.assert_allclose(row[name], scores.mean(), atol=1e-12)
            np.testing.assert_allclose(row["SEM"], stats.sem(scores), atol=1e-12)
            np.testing.assert_allclose((row["LNC"], row["UNC"]), (low, high), atol=1e-12)
            np.testing.assert_allclose(row[percent], 100 * scores.mean() / low, atol=1e-9)
            # A distance is never 0, so that a test against 0 finds it everywhere.
            p = stats.ttest_1samp(r, 0).pvalue
            expected = p if metric in ("spearman", "pearson", "cosine") else np.nan
            np.testing.assert_allclose(row["Significance"], expected, rtol=1e-9)


def test_ceilings_average_rdms_at_one_scale_where_the_original_averages_them_raw(study):
    folder, _, fmri, _ = study
    for metric in ("spearman", "pearson", "cosine"):
        at = NoiseCeiling("fmri_EVC.npz", folder / "brain" / "fmri_EVC.npz", metric, squared=False)
        ours = at.noise_ceiling()
        _, theirs = ceilings(metric, fmri, squared=False, to_scale=False)
        assert ours["unc"] > theirs + 1e-4, "theirs is below what a model can reach"
    np.testing.assert_allclose(
        RSA(folder / "model", folder / "brain", "m", squared=False).evaluate()["LNC"][0],
        ic.noise_ceiling(ic.RDMs(fmri, NAMES, {"subject": range(5)})).low,
    )


def test_ceilings_follow_the_file_and_the_square_and_nothing_is_written(study):
    folder, _, fmri, _ = study
    path = folder / "brain" / "fmri_EVC.npz"
    before = sorted(path.parent.iterdir())
    of = {s: NoiseCeiling("fmri_EVC.npz", path, "spearman", s).noise_ceiling() for s in (0, 1)}
    assert of[0]["lnc"] > of[1]["lnc"]
    np.savez(path, squares(fmri[::-1] + np.arange(PAIRS)))
    assert NoiseCeiling("fmri_EVC.npz", path, "spearman", True).noise_ceiling() != of[1]
    assert sorted(path.parent.iterdir()) == before
    assert (path.parent / "noise_ceiling_log.json").read_text() == "{}"


def test_p_is_of_the_sign_where_that_of_squares_finds_something_in_noise(rng):
    r = np.array(
        [
            [stats.spearmanr(*rng.random((2, PAIRS)))[0] for _ in range(15)] for _ in range(150)
        ]
    ).T  # fmt: skip
    assert abs((t_test(r) < 0.05).mean() - 0.05) < 0.045
    assert (stats.ttest_1samp(r**2, 0).pvalue < 0.05).mean() > 0.9
    np.testing.assert_allclose(t_test(r), stats.ttest_1samp(r, 0).pvalue, rtol=1e-10)


def test_over_times_of_the_brain(study):
    folder, layers, _, meg = study
    found = RSA(folder / "model", folder / "brain", "m", timepoint_agg=False).evaluate()
    row = found[found["ROI"] == "(1) meg_late"].iloc[2]
    r = np.array([[stats.spearmanr(t, layers["fc"])[0] for t in s] for s in meg])
    np.testing.assert_allclose(row["R2_array"], r**2, atol=1e-12)
    np.testing.assert_allclose(row["R2"], (r**2).mean(0), atol=1e-12)
    np.testing.assert_allclose(row["SEM"], stats.sem(r**2), atol=1e-12)
    np.testing.assert_allclose(row["Significance"], stats.ttest_1samp(r, 0).pvalue, rtol=1e-9)
    np.testing.assert_allclose(row["%R2"], 100 * (r**2).mean(0) / row["LNC"], rtol=1e-9)


@pytest.mark.parametrize("shape", [(4, PAIRS), (2, 2, PAIRS), (4, N, N)])
def test_over_times_of_the_model(study, shape, rng):
    folder, _, _, meg = study
    rows = rng.random((4, PAIRS))
    held = squares(rows) if shape[-1] == N else rows.reshape(shape)
    (folder / "times").mkdir()
    np.savez(folder / "times" / "RDM_video.npz", rdm=held, stimuli_name=np.array(NAMES))
    rsa = RSA(
        folder / "times", folder / "brain", "m",
        squared=False, timepoint_agg=False, model_timepoints=True,
    )  # fmt: skip
    row = rsa.evaluate("bonferroni").iloc[1]
    r = [[[stats.spearmanr(t, m)[0] for t in s] for s in meg] for m in rows]
    np.testing.assert_allclose(row["R_array"], r, atol=1e-12)
    np.testing.assert_allclose(row["R"], np.mean(r, 1), atol=1e-12)
    assert row["Significance"] is None
    assert row["SEM"] is None


def test_bonferroni_counts_layers_and_stays_a_p(study):
    folder, *_ = study
    rsa = RSA(folder / "model", folder / "brain", "m", layer_skips=("conv_10",))
    plain, corrected = (rsa.evaluate(c)["Significance"] for c in (None, "bonferroni"))
    assert len(plain) == 4
    np.testing.assert_allclose(corrected, np.minimum(2 * plain, 1))
    assert rsa.evaluate()["Layer"].tolist()[:2] == ["(0) RDM_conv_2.npz", "(2) RDM_fc.npz"]


def test_files_of_the_old_format_and_one_brain_without_subjects(study):
    folder, layers, fmri, _ = study
    for name in ("old", "one"):
        (folder / name).mkdir()
    for layer, rdm in layers.items():
        np.savez(folder / "old" / f"{layer}.npz", squares(rdm))
    np.savez(folder / "one" / "EVC.npz", squares(fmri.mean(0)))
    row = RSA(folder / "old", folder / "one", "m").evaluate().iloc[0]
    np.testing.assert_allclose(row["R2"], stats.spearmanr(layers["conv.2"], fmri.mean(0))[0] ** 2)
    assert row["Layer"] == "(0) conv.2.npz"
    assert np.isnan([row[k] for k in ("Significance", "SEM", "LNC", "UNC", "%R2")]).all()


def test_two_models_meet_in_a_paired_test_of_their_best_layers(study, rng):
    folder, layers, fmri, meg = study
    (folder / "other").mkdir()
    others = {"a": rng.random(PAIRS), "b": fmri.mean(0)}
    save_layers(folder / "other", others)
    first = RSA(folder / "model", folder / "brain", "one")
    found, pairs = first.compare_model(RSA(folder / "other", folder / "brain", "two"))

    def best(rdms, data):
        r = [
            np.array([np.mean([stats.spearmanr(t, m)[0] for t in s]) for s in data]) ** 2
            for m in rdms.values()
        ]
        return max(r, key=np.mean)

    significant = []
    for name, data in (("(0) fmri_EVC", fmri[:, None]), ("(1) meg_late", meg)):
        t, p = stats.ttest_rel(best(others, data), best(layers, data))
        np.testing.assert_allclose(found[name], (t, p), rtol=1e-9)
        if p < 0.05:
            significant.append([(name, "one"), (name, "two")])
    assert pairs == significant


def test_says_what_is_wrong(study, rng):
    folder, layers, *_ = study
    with pytest.raises(ic.InputError, match="Did you mean 'spearman'"):
        RSA(folder / "model", folder / "brain", "m").evaluate(distance_metric="spearmann")
    assert len(RSA(folder / "model", folder / "brain", "m").evaluate(distance_metric="Spearman"))
    with pytest.raises(ic.InputError, match="bonferroni"):
        RSA(folder / "model", folder / "brain", "m").evaluate("fdr")
    with pytest.raises(ic.NotFoundError, match="no folder"):
        RSA(folder / "nothing", folder / "brain", "m")
    with pytest.raises(ic.InputError, match="layer_skips leaves no layer"):
        RSA(folder / "model", folder / "brain", "m", ("conv_2", "conv_10", "fc")).evaluate()
    save_layers(folder / "model", {"late": layers["fc"]}, NAMES[::-1])
    with pytest.raises(ic.MisalignedError, match=r"RDM_late\.npz' lists other stimuli"):
        RSA(folder / "model", folder / "brain", "m").evaluate()
    (folder / "model" / "RDM_late.npz").unlink()
    np.savez(folder / "brain" / "fmri_EVC.npz", rng.random((5, 4, 4)))
    with pytest.raises(ic.FormatError, match="fmri_EVC.npz.*symmetric"):
        RSA(folder / "model", folder / "brain", "m").evaluate()
    np.savez(folder / "brain" / "fmri_EVC.npz", squareform(rng.random(15))[None])
    with pytest.raises(ic.InputError, match="different numbers of stimuli"):
        RSA(folder / "model", folder / "brain", "m").evaluate()
    np.savez(folder / "brain" / "fmri_EVC.npz", rng.random((5, PAIRS)))
    with pytest.raises(ic.FormatError, match=r"not \(5, 36\)"):
        RSA(folder / "model", folder / "brain", "m").evaluate()
