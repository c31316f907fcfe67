import pickle

import h5py
import numpy as np
import pytest
from scipy.stats import gamma
from sklearn.decomposition import PCA
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, RidgeCV
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.compat.dnnbrain.brain.algo import convolve_hrf
from isocortex.compat.dnnbrain.brain.core import ROI, BrainDecoder, BrainEncoder
from isocortex.compat.dnnbrain.dnn.base import (
    MultivariateMapping,
    UnivariateMapping,
    array_statistic,
    correlation_score,
    cross_val_confusion,
    cross_val_scores,
    dnn_fe,
    dnn_mask,
    gen_estimator_from_name,
    normalize,
)
from isocortex.compat.dnnbrain.dnn.core import RDM, Activation, DnnProbe, Mask, Stimulus
from isocortex.compat.dnnbrain.io.fileio import (
    ActivationFile,
    MaskFile,
    RdmFile,
    RoiFile,
    StimulusFile,
)
from isocortex.compat.dnnbrain.utils.plot import imgarray_show
from isocortex.compat.dnnbrain.utils.util import (
    ceiling_RSA,
    gen_dmask,
    permutation_RSA,
    topk_accuracy,
)

SHAPE = (24, 3, 2, 4)


@pytest.fixture
def activ(rng):
    made = Activation()
    made.set("conv1", rng.normal(size=SHAPE).astype(np.float32))
    made.set("fc1", rng.normal(size=(24, 10, 1, 1)))
    return made


@pytest.fixture
def brain(activ, rng):
    x = activ.get("conv1").reshape(24, -1)[:, :4]
    return x @ rng.normal(size=(4, 5)) + 0.3 * rng.normal(size=(24, 5))


def test_stimulus(tmp_path):
    stim = Stimulus(
        {"type": "image", "path": "/a=b"},
        {"stimID": ["x.png", "y.png", "z.png"], "label": [1, 2, 1]},
    )
    stim.set("RT", [0.5, 0.25, 1])
    stim.save(tmp_path / "s.stim.csv")
    again = Stimulus()
    again.load(tmp_path / "s.stim.csv")
    assert again.header == stim.header
    assert again.items == ["stimID", "label", "RT"]
    assert again.get("RT").tolist() == [0.5, 0.25, 1]
    assert again[1].get("stimID").tolist() == ["y.png"]
    assert again[[0, 2], "label"].get("label").tolist() == [1, 1]
    assert again[:2, ["RT"]].items == ["stimID", "RT"]
    assert again[np.int64(2)].get("label").tolist() == [1]
    assert sorted(again.permutate("RT").get("RT")) == [0.25, 0.5, 1]
    again.delete("RT")
    assert len(again) == 3
    with pytest.raises(ic.InputError, match="no item 'RT'"):
        again.get("RT")
    with pytest.raises(ic.InputError, match="there are 3 stimuli"):
        again.set("label", [1, 2])
    with pytest.raises(ic.InputError, match="needs the item 'stimID'"):
        Stimulus({}, {"label": [1]})


def test_activation_to_a_file_and_back(activ, tmp_path):
    activ.save(tmp_path / "a.act.h5")
    again = Activation()
    again.load(tmp_path / "a.act.h5")
    assert again.layers == ["conv1", "fc1"]
    assert again.shape("conv1") == SHAPE
    np.testing.assert_array_equal(again.get("conv1"), activ.get("conv1"))
    assert again.get("conv1").dtype == np.float32
    assert again.get("conv1") is again.get("conv1")
    masked = Activation()
    masked.load(tmp_path / "a.act.h5", Mask("conv1", channels=[3, 1], columns=[2, 4]))
    np.testing.assert_array_equal(masked.get("conv1"), activ.get("conv1")[:, [2, 0]][..., [1, 3]])
    assert masked.layers == ["conv1"]


def test_activation_arithmetic_and_rows(activ):
    both = (activ + activ) * activ / activ - activ
    np.testing.assert_allclose(both.get("conv1"), activ.get("conv1"), rtol=1e-4, atol=1e-5)
    assert activ[3].shape("conv1") == (1, *SHAPE[1:])
    np.testing.assert_array_equal(activ[[5, 2]].get("fc1"), activ.get("fc1")[[5, 2]])
    twice = activ.concatenate([activ])
    assert twice.shape("fc1") == (48, 10, 1, 1)
    less = activ[:3]
    with pytest.raises(ic.MisalignedError, match=r"shape \(24, 3, 2, 4\) here and \(3,"):
        activ + less
    less.delete("fc1")
    with pytest.raises(ic.MisalignedError, match="layers differ"):
        activ.concatenate([less])
    with pytest.raises(ic.InputError, match="Did you mean 'conv1'"):
        activ.get("conv2")
    with pytest.raises(ic.InputError, match=r"not float64 of \(3, 4\)"):
        activ.set("fc1", np.zeros((3, 4)))


ORACLES = {
    "max": lambda v: v.max(),
    "mean": lambda v: v.mean(),
    "median": np.median,
    "L1": lambda v: np.linalg.norm(v.ravel(), 1),
    "L2": lambda v: np.linalg.norm(v.ravel(), 2),
}


@pytest.mark.parametrize("method", ORACLES)
def test_pooling_is_over_the_positions_of_each_channel(activ, method):
    pooled = activ.pool(method)
    assert pooled.shape("conv1") == (24, 3, 1, 1)
    expected = [[ORACLES[method](channel) for channel in row] for row in activ.get("conv1")]
    np.testing.assert_allclose(pooled.get("conv1")[..., 0, 0], expected, rtol=1e-5)
    whole = array_statistic(activ.get("conv1"), method)
    np.testing.assert_allclose(whole, ORACLES[method](activ.get("conv1")), rtol=1e-5)
    assert array_statistic(activ.get("conv1"), method, (1, 2), True).shape == (24, 1, 1, 4)


def test_feature_extraction_has_their_shapes(activ):
    x = activ.get("conv1")
    assert activ.fe("pca", 5).shape("conv1") == (24, 5, 1, 1)
    assert dnn_fe(x, "pca", 2, "chn").shape == (24, 2, 2, 4)
    assert dnn_fe(x, "hist", 3, "row_col").shape == (24, 3, 3, 1)
    assert dnn_fe(x, "psd", 4).shape == (24, 4, 1, 1)
    expected = PCA(5, svd_solver="full").fit_transform(x.reshape(24, -1).astype(float))
    found = dnn_fe(x, "pca", 5)[:, :, 0, 0]
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-5)
    with pytest.raises(ic.InputError, match="axis='rows' is not known"):
        dnn_fe(x, "pca", 2, "rows")


def test_mask(tmp_path):
    mask = Mask("conv1", channels=[1, 3])
    mask.set("fc1", np.array([2]), rows="all")
    mask.set("conv1", rows=[2])
    assert mask.get("conv1") == {"chn": [1, 3], "row": [2], "col": "all"}
    mask.save(tmp_path / "m.dmask.csv")
    again = Mask()
    again.load(tmp_path / "m.dmask.csv")
    assert again.layers == ["conv1", "fc1"]
    assert again.get("fc1")["chn"] == [2]
    copied = again.copy()
    copied.delete("fc1")
    assert again.layers == ["conv1", "fc1"]
    again.clear()
    with pytest.raises(ic.InputError, match="no layer 'fc1'"):
        again.get("fc1")
    with pytest.raises(ic.InputError, match="chn numbers go from 1 to 3"):
        dnn_mask(np.zeros(SHAPE), channels=[4])


def test_rdm_gives_the_upper_triangle_alone(tmp_path, rng):
    rdm = RDM()
    with pytest.raises(ic.InputError, match="Set rdm_type"):
        rdm.set("1", np.zeros((3, 3)))
    rdm.rdm_type = "bRDM"
    square = rng.random((4, 4))
    rdm.set("1", square)
    got = rdm.get("1")
    np.testing.assert_array_equal(got, np.triu(square, 1))
    np.testing.assert_array_equal(rdm.get("1", True), square[np.triu_indices(4, 1)])
    assert (rdm.keys, rdm.n_item) == (["1"], 4)
    rdm.save(tmp_path / "r.rdm.h5")
    again = RDM()
    again.load(tmp_path / "r.rdm.h5")
    np.testing.assert_array_equal(again.get("1"), got)
    deep = RDM()
    deep.rdm_type = "dRDM"
    deep.set("conv1", rng.random((2, 6)), True)
    assert deep.get("conv1").shape == (2, 4, 4)
    with pytest.raises(ic.InputError, match=r"'conv2' has shape \(4, 4\)"):
        deep.set("conv2", square)
    with pytest.raises(ic.InputError, match="no RDM 'fc'; there are conv1"):
        deep.get("fc")
    with pytest.raises(ic.InputError, match="empty"):
        _ = RDM().n_item


def test_roi(tmp_path, rng):
    data = rng.normal(size=(6, 2))
    roi = ROI(["V1", "IT"], data)
    roi.set("V2", data[:, 0] * 2, index=1)
    assert roi.rois == ["V1", "V2", "IT"]
    roi.save(tmp_path / "r.roi.h5")
    again = ROI()
    again.load(tmp_path / "r.roi.h5", ["IT", "V1"])
    np.testing.assert_array_equal(again.data, data[:, [1, 0]])
    assert roi[1:3, "V2"].data.shape == (2, 1)
    assert roi[0].data.shape == (1, 3)
    np.testing.assert_allclose((roi + roi - roi).data, roi.data)
    roi.delete("V2")
    np.testing.assert_array_equal((roi * roi / roi).get("IT")[:, 0], data[:, 1])
    with pytest.raises(ic.InputError, match="no region 'V4'"):
        roi.get("V4")
    with pytest.raises(ic.InputError, match="'V1' already"):
        roi.set("V1", data[:, 0])
    with pytest.raises(ic.MisalignedError, match="6 volumes here, 3"):
        roi.set("V4", data[:3, 0])


def folds_of(model, x, y):
    scores = []
    for train, test in KFold(4).split(x):
        predicted = model.fit(x[train], y[train]).predict(x[test])
        pairs = zip(predicted.T, y[test].T, strict=True)
        scores.append([np.corrcoef(p, m)[0, 1] for p, m in pairs])
    return np.array(scores).T


MODELS = {
    "pcr": make_pipeline(PCA(5, svd_solver="full"), LinearRegression()),
    "scaled": make_pipeline(StandardScaler(), RidgeCV([1.0, 10.0])),
    "lasso": Lasso(0.1),
    "after pca": make_pipeline(PCA(5, svd_solver="full"), Lasso(0.1)),
}


@pytest.mark.parametrize("name", MODELS)
def test_multivariate_encoding_equals_scikit_learn(activ, brain, name):
    model = MODELS[name]
    encoder = BrainEncoder(brain, "mv", model, 4, "correlation")
    found = encoder.encode_dnn(activ)["conv1"]
    x = activ.get("conv1").reshape(24, -1).astype(float)
    np.testing.assert_allclose(found["score"][0], folds_of(model, x, brain), atol=1e-6)
    assert found["model"].shape == (1, 5)
    fitted = pickle.loads(pickle.dumps(found["model"][0, 0]))
    np.testing.assert_allclose(fitted.predict(x), model.fit(x, brain).predict(x), atol=1e-4)


def test_encoding_by_channels_and_positions(activ, brain):
    encoder = BrainEncoder(brain, "mv", "glm", 4, "correlation")
    x = activ.get("conv1").astype(float)
    for axis, n, part in (
        ("channel", 3, lambda i: x[:, i].reshape(24, -1)),
        ("row_col", 8, lambda i: x[:, :, i // 4, i % 4]),
    ):
        found = encoder.encode_dnn(activ, axis)["conv1"]["score"]
        assert found.shape == (n, 5, 4)
        for i in range(n):
            np.testing.assert_allclose(found[i], folds_of(LinearRegression(), part(i), brain))


def test_default_scoring_is_r2(activ, brain):
    found = BrainEncoder(brain, "mv", "glm", 4).encode_behavior(brain[:, :2] + 1)
    expected = [cross_val_score(LinearRegression(), brain[:, :2], y, cv=KFold(4)) for y in brain.T]
    np.testing.assert_allclose(found["score"], expected, atol=1e-8)
    assert found["score"].shape == (5, 4)
    np.testing.assert_allclose(
        cross_val_scores(LinearRegression(), brain[:, :2], brain, "r2", 4).T, expected, atol=1e-8
    )


def test_a_function_as_scoring(brain):
    mapping = MultivariateMapping("glm", 4, correlation_score)
    found = mapping.map(brain[:, :3], brain)["score"]
    np.testing.assert_allclose(found, folds_of(LinearRegression(), brain[:, :3], brain))


def test_correlating_single_units(activ, brain):
    x = activ.get("conv1").reshape(24, -1).astype(np.float32)
    x[:, 7] = 3.0
    activ.set("conv1", x.reshape(SHAPE))
    found = BrainEncoder(brain, "uv", "corr").encode_dnn(activ)["conv1"]
    live = np.arange(24) != 7
    r = np.array([[np.corrcoef(u, y)[0, 1] for u in x[:, live].T] for y in brain.T])
    best = np.abs(r).argmax(1)
    np.testing.assert_allclose(found["score"][0], r[np.arange(5), best], atol=1e-6)
    place = np.stack(np.unravel_index(np.nonzero(live)[0][best], SHAPE[1:]), axis=1) + 1
    np.testing.assert_array_equal(found["location"][0], place)
    by_channel = BrainEncoder(brain, "uv", "corr").encode_dnn(activ, "channel")["conv1"]
    assert by_channel["location"].shape == (3, 5, 3)
    assert (by_channel["location"][2, :, 0] == 3).all()
    by_place = BrainEncoder(brain, "uv", "corr").encode_dnn(activ, "row_col")["conv1"]
    assert (by_place["location"][6][:, 1:] == [2, 3]).all()


def test_a_channel_that_never_varies_has_no_best_unit(activ, brain):
    x = activ.get("conv1").copy()
    x[:, 1] = 0
    activ.set("conv1", x)
    found = BrainEncoder(brain, "uv", "corr").encode_dnn(activ, "channel")["conv1"]
    assert np.isnan(found["score"][1]).all()
    assert (found["location"][1] == 0).all()


def test_the_best_unit_is_chosen_inside_the_training_stimuli(rng):
    x, y = rng.normal(size=(40, 300)), rng.normal(size=(40, 3))
    found = UnivariateMapping("glm", 5, "correlation").map(x, y)
    assert found["score"].shape == (3, 5)
    for target in range(3):
        scores = []
        for train, test in KFold(5).split(x):
            r = [np.corrcoef(u, y[train, target])[0, 1] for u in x[train].T]
            unit = np.abs(r).argmax()
            model = LinearRegression().fit(x[train][:, [unit]], y[train, target])
            predicted = model.predict(x[test][:, [unit]])
            scores.append(np.corrcoef(predicted, y[test, target])[0, 1])
        np.testing.assert_allclose(found["score"][target], scores, atol=1e-8)
    assert found["score"].mean() < 0.25  # noise stays noise, although 300 units were tried
    assert found["location"].shape == found["model"].shape == (3,)


def test_probing_classes(activ, rng):
    labels = np.tile([1, 2, 3], 8)
    pipe = make_pipeline(PCA(4, svd_solver="full"), LogisticRegression())
    found = DnnProbe(activ, "mv", pipe, 4).probe(labels[:, None])["conv1"]
    x = activ.get("conv1").reshape(24, -1).astype(float)
    expected = cross_val_score(pipe, x, labels, cv=StratifiedKFold(4))
    np.testing.assert_allclose(found["score"][0, 0], expected)
    assert found["conf_m"].shape == (1, 1, 4)
    train, test = next(StratifiedKFold(4).split(x, labels))
    predicted = pipe.fit(x[train], labels[train]).predict(x[test])
    np.testing.assert_array_equal(
        found["conf_m"][0, 0, 0], confusion_matrix(labels[test], predicted, labels=[1, 2, 3])
    )
    fitted = pickle.loads(pickle.dumps(found["model"][0, 0]))
    assert (fitted.predict(x) == pipe.fit(x, labels).predict(x)).mean() > 0.95
    matrices, scores = cross_val_confusion(pipe, x, labels, 4)
    np.testing.assert_allclose(scores, expected)
    assert sum(matrix.sum() for matrix in matrices) == 24


@pytest.mark.parametrize("name", ["lrc", "svc"])
def test_probing_by_single_units(name, rng):
    labels = np.tile([0, 1], 20)
    x = rng.normal(size=(40, 6))
    x[:, 4] += 4 * labels
    found = UnivariateMapping(name, 5).map(x, labels[:, None])
    assert found["location"].tolist() == [4]
    expected = cross_val_score(
        gen_estimator_from_name(name), x[:, [4]], labels, cv=StratifiedKFold(5)
    )
    np.testing.assert_allclose(found["score"][0], expected)
    assert found["conf_m"].shape == (1, 5)


def test_decoding(activ, brain):
    decoder = BrainDecoder(brain, "mv", "glm", 4, "correlation")
    found = decoder.decode_dnn(activ)
    assert found["conv1"]["score"].shape == (*SHAPE[1:], 4)
    assert found["fc1"]["model"].shape == (10, 1, 1)
    expected = folds_of(LinearRegression(), brain, activ.get("fc1").reshape(24, -1))
    np.testing.assert_allclose(found["fc1"]["score"][:, 0, 0], expected, atol=1e-8)
    found = BrainDecoder(brain, "uv", "corr").decode_dnn(activ)["conv1"]
    assert found["location"].shape == SHAPE[1:]
    labels = np.tile([[1], [2]], (12, 1))
    found = BrainDecoder(brain, "mv", "lrc", 3).decode_behavior(labels)
    assert found["score"].shape == found["conf_m"].shape == (1, 3)


def test_faults_of_mappings(activ, brain):
    with pytest.raises(ic.InputError, match="'corr' is for map_type 'uv'"):
        BrainEncoder(brain, "mv", "corr").encode_dnn(activ)
    with pytest.raises(ic.InputError, match="map_type='xv' is not known"):
        BrainEncoder(brain, "xv", "glm")
    with pytest.raises(ic.InputError, match="estimator='ridge' is not known"):
        BrainEncoder(brain, "mv", "ridge")
    with pytest.raises(ic.InputError, match="scoring='accuracy' is not known"):
        BrainEncoder(brain, "mv", "glm", 4, "accuracy").encode_dnn(activ)
    with pytest.raises(ic.InputError, match="24 stimuli, but there are 10 rows"):
        BrainEncoder(brain[:10], "mv", "glm").encode_dnn(activ)
    with pytest.raises(ic.InputError, match="take the voxels of a mask"):
        BrainEncoder(brain[:, :, None], "mv", "glm").encode_dnn(activ)
    with pytest.raises(ic.InputError, match="needs responses of the brain"):
        BrainEncoder().encode_dnn(activ)
    with pytest.raises(ic.InputError, match="needs activations"):
        DnnProbe().probe(brain)
    with pytest.raises(ic.InputError, match="iter_axis='chn' is not known"):
        BrainEncoder(brain, "mv", "glm").encode_dnn(activ, "chn")
    pipe = make_pipeline(PCA(100), LinearRegression())
    with pytest.raises(ic.InputError, match="asks for 100 components"):
        BrainEncoder(brain, "mv", pipe, 4, "r2").encode_dnn(activ)


def test_hrf_of_overlapping_events_is_their_sum(rng):
    onsets, durations = np.array([-1.0, 2.0, 3.0]), np.array([2.0, 3.0, 0.5])
    heights, tr, n_vol, ops = rng.normal(size=(3, 4)), 0.72, 100, 100
    found = convolve_hrf(heights, onsets, durations, n_vol, tr, ops)
    time = np.linspace(0, 32, 3200)
    kernel = gamma.pdf(time, 6, loc=0.01) - 0.167 * gamma.pdf(time, 16, loc=0.01)
    kernel = kernel / kernel.sum()
    fine = np.zeros((8000, 4))
    for onset, duration, height in zip(onsets, durations, heights, strict=True):
        first = round((onset + 1) * ops)
        fine[first : first + round(duration * ops)] += height
    course = np.stack([np.convolve(column, kernel)[:8000] for column in fine.T], axis=1)
    expected = course[np.floor((np.arange(n_vol) * tr + 1) * ops).astype(int)]
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert abs(found[-1]).max() < 1e-6  # long after the last event there is rest
    activ = Activation("fc1", heights[:, :, None, None])
    assert activ.convolve_hrf(onsets, durations, n_vol, tr).shape("fc1") == (100, 4, 1, 1)
    with pytest.raises(ic.InputError, match=r"onsets \(3,\) and durations \(1,\)"):
        convolve_hrf(heights, onsets, durations[:1], n_vol, tr)


def test_files_by_class(activ, tmp_path, rng):
    ActivationFile(tmp_path / "a.act.h5").write({"conv1": activ.get("conv1")})
    read = ActivationFile(tmp_path / "a.act.h5").read(Mask("conv1", [2]))
    np.testing.assert_array_equal(read["conv1"], activ.get("conv1")[:, [1]])
    masks = {"conv1": {"chn": [1], "row": "all", "col": [2]}}
    MaskFile(tmp_path / "m.dmask.csv").write(masks)
    assert MaskFile(tmp_path / "m.dmask.csv").read() == masks
    StimulusFile(tmp_path / "s.stim.csv").write("image", "/x", {"stimID": ["a"]}, title="t")
    assert StimulusFile(tmp_path / "s.stim.csv").read()["title"] == "t"
    RoiFile(tmp_path / "r.roi.h5").write(["V1", "IT"], np.eye(2))
    assert RoiFile(tmp_path / "r.roi.h5").read("IT")[1].tolist() == [[0], [1]]
    assert RoiFile(tmp_path / "r.roi.h5").read()[0] == ["V1", "IT"]
    RdmFile(tmp_path / "r.rdm.h5").write("bRDM", {"1": np.ones(3)})
    assert RdmFile(tmp_path / "r.rdm.h5").read()[1]["1"].tolist() == [1, 1, 1]
    with h5py.File(tmp_path / "r.rdm.h5") as file:
        assert file.attrs["type"] == "bRDM"
    with pytest.raises(ic.FormatError, match=r"must end in \.act\.h5"):
        ActivationFile("a.h5")


def test_services(rng):
    assert gen_dmask(["conv1", "conv2"]).layers == ["conv1", "conv2"]
    assert gen_dmask(["conv1"], [1, 2]).get("conv1")["chn"] == [1, 2]
    assert gen_dmask(["conv1", "fc"], [4, 5]).get("fc")["chn"] == [5]
    with pytest.raises(ic.InputError, match="3 channels for 2 layers"):
        gen_dmask(["conv1", "fc"], [4, 5, 6])
    with pytest.raises(ic.InputError, match="one of them, not both"):
        gen_dmask()
    assert topk_accuracy([[2, 1, 3], [1, 3, 2]], [1, 2], 2) == 0.5
    with pytest.raises(ic.InputError, match="from 1 to 3"):
        topk_accuracy([[2, 1, 3]], [1], 4)
    np.testing.assert_allclose(normalize([1, 3, 2]), [0, 1, 0.5])
    with pytest.raises(ic.InputError, match="constant"):
        normalize([1, 1])


def test_permuting_stimuli_gives_uniform_p_values(rng):
    p = []
    for seed in range(120):
        first, second = (np.corrcoef(rng.normal(size=(8, 5))) for _ in range(2))
        p.append(permutation_RSA(first, second, n_iter=40, seed=seed)[2])
    assert min(p) > 0
    assert 0.0 <= np.mean(np.array(p) <= 0.1) <= 0.2
    assert 0.4 < np.mean(p) < 0.62


def test_noise_ceiling_equals_ours(rng):
    squares = np.stack([np.triu(rng.random((6, 6)), 1) for _ in range(5)])
    squares = squares + squares.transpose(0, 2, 1)
    lower, upper, best = ceiling_RSA(squares)
    np.testing.assert_allclose(
        [lower, upper], ic.noise_ceiling(ic.RDMs.from_arrays(squares), "pearson"), atol=1e-8
    )
    np.testing.assert_allclose(best, best.T)


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning")
def test_arrays_side_by_side(rng, tmp_path):
    from matplotlib import pyplot as plt

    figure = imgarray_show(
        list(rng.random((3, 4, 4))), 2, 2, row_label=["a", "b"], cbar=True,
        img_names=["x", "y", "z"], save_path=tmp_path / "f.png",
    )  # fmt: skip
    assert [ax.get_xlabel() for ax in figure.axes[:4]] == ["x", "y", "z", ""]
    assert (tmp_path / "f.png").stat().st_size > 1000
    assert len(imgarray_show([np.eye(3)], show=False).axes) == 1
    with pytest.raises(ic.InputError, match="5 arrays do not fit into 2 x 2"):
        imgarray_show(rng.random((5, 2, 2)), 2, 2)
    plt.close("all")
