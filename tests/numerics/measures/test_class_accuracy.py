import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from isocortex.numerics.measures.class_accuracy import CLASS_ACCURACIES, confusion, of_predictions


@pytest.fixture(params=[2, 3])
def fitted(request, rng):
    y = np.array(["cat", "dog", "egg"])[rng.integers(request.param, size=60)]
    x = rng.normal(size=(60, 4)) + (y == "cat")[:, None]
    return x, y, LogisticRegression().fit(x, y)


def test_equal_scikit_learn(fitted):
    x, y, model = fitted
    predicted = model.predict(x)
    proba = model.predict_proba(x)
    auc = (
        metrics.roc_auc_score(y, proba[:, 1])
        if proba.shape[1] == 2
        else metrics.roc_auc_score(y, proba, multi_class="ovr")
    )
    expected = {
        "accuracy": metrics.accuracy_score(y, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted),
        "roc_auc": auc,
    }
    for name, measure in CLASS_ACCURACIES.items():
        assert measure(y, model, x) == pytest.approx(expected[name])


def test_roc_auc_of_a_decision_function(fitted):
    x, y, _ = fitted
    model = LinearSVC().fit(x, y)
    found = CLASS_ACCURACIES["roc_auc"](y, model, x)
    scores = model.decision_function(x)
    if scores.ndim == 1:
        assert found == pytest.approx(metrics.roc_auc_score(y, scores))
    assert 0.5 < found <= 1


def test_roc_auc_is_undefined_without_one_of_the_classes(fitted):
    x, y, model = fitted
    keep = y == "cat"
    assert np.isnan(CLASS_ACCURACIES["roc_auc"](y[keep], model, x[keep]))


def test_confusion_equals_scikit_learn(fitted):
    x, y, model = fitted
    predicted = model.predict(x)
    labels = np.unique(y)
    np.testing.assert_array_equal(
        confusion(y, predicted, labels), metrics.confusion_matrix(y, predicted, labels=labels)
    )


def test_a_function_of_classes(fitted):
    x, y, model = fitted
    measure = of_predictions(metrics.cohen_kappa_score)
    assert measure(y, model, x) == pytest.approx(metrics.cohen_kappa_score(y, model.predict(x)))
