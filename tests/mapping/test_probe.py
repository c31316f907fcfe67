import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import isocortex as ic

PCA6 = PCA(6, svd_solver="full")
MODELS = {
    "PCA+logistic": make_pipeline(PCA6, LogisticRegression()),
    "PCA+SVC": make_pipeline(PCA6, LinearSVC(random_state=0)),
    "logistic": LogisticRegression(max_iter=1000),
}


@pytest.fixture
def labelled(rng):
    labels = np.array(["animal", "face", "house"])[np.arange(60) % 3]
    x = rng.normal(size=(60, 90))
    x[:, 0] += 3 * (labels == "face")
    x[:, 1] += 3 * (labels == "house")
    return ic.Responses(x, labels={"layer": "fc6"}), labels


@pytest.mark.parametrize("name", MODELS)
def test_equals_scikit_learn_fold_by_fold(name, labelled):
    features, labels = labelled
    model = MODELS[name]
    scores = ic.probe(features, labels, model, folds=5)
    folds = list(StratifiedKFold(5).split(features.values, labels))
    tables = []
    for train, test in folds:
        fitted = clone(model).fit(features.values[train], labels[train])
        tables.append(confusion_matrix(labels[test], fitted.predict(features.values[test])))
    loop = [np.trace(table) / table.sum() for table in tables]
    np.testing.assert_allclose(scores.values[0, :, 0], loop, atol=1e-8)
    np.testing.assert_array_equal(scores.confusion.values[0], tables)
    assert scores.confusion.dims == ("layer", "fold", "label", "predicted")
    assert scores.confusion.tables["label"]["label"].tolist() == ["animal", "face", "house"]


def test_the_gram_suffices_after_a_pca(labelled):
    features, labels = labelled
    first = ic.probe(ic.gram(features), labels, MODELS["PCA+logistic"], folds=5)
    second = ic.probe(features, labels, MODELS["PCA+logistic"], folds=5)
    np.testing.assert_array_equal(first.values, second.values)
    assert first.tables["layer"]["solver"].tolist() == ["dual"]


def test_labels_by_name_and_several_at_once(labelled):
    features, labels = labelled
    by_name = dict(zip(features.stimuli[::-1], labels[::-1], strict=True))
    first = ic.probe(features, by_name, MODELS["PCA+logistic"], folds=5)
    table = pd.DataFrame({"what": labels, "odd": np.arange(60) % 2})
    both = ic.probe(features, table, MODELS["PCA+logistic"], folds=5)
    assert both.tables["unit"]["target"].tolist() == ["what", "odd"]
    np.testing.assert_allclose(both.values[..., 0], first.values[..., 0])
    assert abs(both.values[..., 1].mean() - 0.5) < 0.3
    with pytest.raises(ic.InputError, match="no confusion"):
        _ = both.confusion


def test_numbers_go_to_a_regressor(labelled, rng):
    features, _ = labelled
    ratings = features.values[:, :2] @ [1.0, 2.0] + rng.normal(size=60) * 0.1
    scores = ic.probe(features, ratings, ic.PCR(30), folds=5)
    assert scores.metric == "pearson"
    same = ic.encode(features, ic.Responses(ratings[:, None]), ic.PCR(30), folds=5)
    np.testing.assert_allclose(scores.values, same.values)
    behaviour = ic.Responses(ratings[:, None], units={"scale": ["liking"]})
    by_name = ic.probe(features, behaviour.take(np.arange(60)[::-1]), ic.PCR(30), folds=5)
    np.testing.assert_allclose(by_name.values, same.values)
    assert by_name.tables["unit"]["target"].tolist() == ["liking"]


def test_roc_auc_and_a_function(labelled):
    features, labels = labelled
    for accuracy in ("roc_auc", "balanced_accuracy"):
        scores = ic.probe(features, labels, MODELS["PCA+logistic"], folds=5, accuracy=accuracy)
        assert scores.values.mean() > 0.6
        assert scores.metric == accuracy

    def share(true, predicted):
        return (true == predicted).mean()

    np.testing.assert_allclose(
        ic.probe(features, labels, MODELS["PCA+logistic"], folds=5, accuracy=share).values,
        ic.probe(features, labels, MODELS["PCA+logistic"], folds=5).values,
    )


def test_a_kept_probe_tells_new_stimuli(labelled):
    features, labels = labelled
    for model in MODELS.values():
        kept = ic.probe(features, labels, model, folds=5, keep_model=True).models[0]
        expected = clone(model).fit(features.values, labels).predict(features.values)
        np.testing.assert_array_equal(kept.classes(features), expected)


def test_trials_leave_one_run_out(labelled, rng):
    features, labels = labelled
    trials = ic.Trials(features.values, labels, runs=np.repeat(np.arange(6), 10))
    scores = ic.probe(
        trials, trials.stimuli, MODELS["PCA+logistic"], folds=LeaveOneGroupOut(), permutations=9
    )
    assert scores.values.shape == (1, 6, 1)
    assert scores.tables["fold"]["n_test"].tolist() == [10] * 6
    code = {"animal": "a", "face": "b", "house": "a"}
    with pytest.warns(ic.errors.LeakWarning, match="60 of 60 test trials"):
        again = ic.probe(trials, code, MODELS["PCA+logistic"], folds=LeaveOneGroupOut())
    assert again.confusion.tables["label"]["label"].tolist() == ["a", "b"]


def test_permutations_of_labels(labelled):
    features, labels = labelled
    scores = ic.probe(features, labels, MODELS["PCA+logistic"], folds=5, permutations=29)
    assert scores.columns["p"].shape == (1, 1, 1)
    assert scores.columns["p"].item() == pytest.approx(1 / 30)
    assert scores.columns["p_max"].item() == pytest.approx(1 / 30)
    assert scores.notes["seed"] == 0


def test_bad_labels_are_answered_with_a_sentence(labelled):
    features, labels = labelled
    model = MODELS["PCA+logistic"]
    rare = labels.copy()
    rare[:2] = "rare"
    with pytest.raises(ic.InputError, match=r"fewer members than folds: 'rare \(2\)'"):
        ic.probe(features, rare, model, folds=5)
    with pytest.raises(ic.InputError, match="60 stimuli but 59 labels"):
        ic.probe(features, labels[:-1], model, folds=5)
    with pytest.raises(ic.MisalignedError, match="no rows for 1 of 60 stimuli: 'stimulus 0'"):
        ic.probe(features, dict(zip(features.stimuli[1:], labels[1:], strict=True)), model)
    with pytest.raises(ic.InputError, match="LinearRegression predicts numbers"):
        ic.probe(features, labels, LinearRegression())
    with pytest.raises(ic.InputError, match="numbers that are no classes"):
        ic.probe(features, features.values[:, 0], model)
    with pytest.raises(ic.InputError, match="one class only"):
        ic.probe(features, ["same"] * 60, model)
    with pytest.raises(ic.InputError, match="missing for 1 stimulus: 'stimulus 3'"):
        ic.probe(features, pd.DataFrame({"a": [*labels[:3], None, *labels[4:]]}), model)
    with pytest.raises(ic.InputError, match="Did you mean 'accuracy'"):
        ic.probe(features, labels, model, accuracy="acuracy")
    with pytest.raises(ic.InputError, match="asks for 58 components"):
        ic.probe(features, labels, make_pipeline(PCA(58), LogisticRegression()), folds=5)
