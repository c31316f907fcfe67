"""Decoding in time on the command line, and comparing what it writes."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneOut

import isocortex as ic

CONDITIONS = ["car", "cat", "dog"]


@pytest.fixture
def trials(rng, tmp_path):
    """Two subjects, whose conditions differ at the second of four times."""
    people = []
    for name in ("s1", "s2"):
        values = rng.normal(size=(15, 4, 4))
        values[:, :, 1] += 3 * np.repeat(np.eye(3, 4), 5, axis=0)
        one = ic.Trials(values, np.repeat(CONDITIONS, 5), times=[-0.1, 0.1, 0.2, 0.3])
        ic.save(one, tmp_path / f"{name}.npz")
        people.append(one)
    return people


def accuracy_of_pair(one, time, first, second):
    """Each k-th trial of both left out in turn, by scikit-learn."""
    names = np.array(one.stimuli)
    x, y = (one.values[names == name][:, :, time] for name in (first, second))
    right = 0
    for train, test in LeaveOneOut().split(x):
        labels = [0] * len(train) + [1] * len(train)
        model = LinearDiscriminantAnalysis().fit(np.concatenate([x[train], y[train]]), labels)
        right += int(model.predict(x[test])[0] == 0) + int(model.predict(y[test])[0] == 1)
    return right / (2 * len(x))


def test_accuracies_in_time_are_those_of_scikit_learn(command, trials, tmp_path):
    into, figure = tmp_path / "rdms.npz", tmp_path / "course.png"
    paths = [tmp_path / "s1.npz", tmp_path / "s2.npz"]
    code, out, err = command("decoding", *paths, "--into", into, "--figure", figure)
    assert code == 0, err
    assert "Highest at 0.100 s" in out
    rdms = ic.read_rdms(into)
    assert set(rdms.labels["subject"]) == {"s1", "s2"}
    one = rdms.select(subject="s1").square()
    expected = accuracy_of_pair(trials[0], 1, "car", "dog")
    assert one[1, 0, 2] == pytest.approx(expected)
    assert expected > 0.7
    assert figure.exists()


def test_json_has_every_time_and_options_reach_the_verb(command, trials, tmp_path):
    options = ("--classifier", "lda", "--shrinkage", "auto", "--folds", "3", "--seed", 2)
    code, out, err = command("decoding", tmp_path / "s1.npz", *options, "--json")
    assert code == 0, err
    rows = json.loads(out)["tables"][0]["rows"]
    expected = ic.decoding_rdms(trials[0], "lda", shrinkage="auto", folds=3, seed=2)
    np.testing.assert_allclose([row["accuracy"] for row in rows], expected.values.mean(1))
    assert [row["time"] for row in rows] == [-0.1, 0.1, 0.2, 0.3]


def test_models_are_compared_with_what_decoding_wrote_at_each_time(command, trials, tmp_path):
    command("decoding", tmp_path / "s1.npz", tmp_path / "s2.npz", "--into", tmp_path / "rdms.npz")
    models = ic.RDMs([[0.1, 0.5, 0.9], [0.7, 0.2, 0.3]], CONDITIONS, {"layer": ["a", "b"]})
    ic.write_rdms(models, tmp_path / "models.npz")
    code, out, err = command(
        *("compare", tmp_path / "models.npz", tmp_path / "rdms.npz", "--comparison", "pearson"),
        *("--into", tmp_path / "s.csv", "--figure", tmp_path / "s.png"),
    )
    assert code == 0, err
    (row,) = [line.split() for line in out.splitlines() if line.strip().startswith("0.100")]
    table = pd.read_csv(tmp_path / "s.csv").query("time == 0.1")
    means = table.groupby("layer")["score"].mean()
    np.testing.assert_allclose([float(cell) for cell in row[1:]], means, atol=6e-4)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--into", "rdms.csv"), "the name must end in .npz"),
        (("--shrinkage", "some"), "--shrinkage 'some' is neither a number nor auto"),
        (("--folds", "leave_one_out"), "is neither a number nor leave_one_pair_out"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(command, trials, tmp_path, more, words):
    code, out, err = command("decoding", tmp_path / "s1.npz", *more)
    assert (code, out) == (2, "")
    assert words in err


def test_averages_are_no_trials(command, tmp_path):
    ic.save(ic.Responses([[1.0], [2.0]], ["a", "b"]), tmp_path / "r.npz")
    code, _, err = command("decoding", tmp_path / "r.npz")
    assert code == 2
    assert "needs single trials" in err
