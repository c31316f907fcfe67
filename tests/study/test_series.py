"""Stories in a study: words with times against recordings in time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

pytest.importorskip("pyarrow")

TEXT = """[study]
name = "story"

[stimuli]
words = "words.csv"

[[network]]
name = "rate"
feature = "word_rate"

[[network]]
name = "vectors"
feature = "embedding"
vectors = "vectors.npz"
beside = ["word_rate"]

[[recording]]
name = "fMRI"
files = "{subject}.txt"
without = ["cy"]
series = { tr = 2.0, first = 5, columns = ["LATL", "LIFG"] }

[[method]]
name = "encoding"
kind = "encoding"
penalties = [1.0, 100.0]
folds = 3
standardize = true
pooled = false
permutations = 50
delays = [1, 2]
"""
VOLUMES = 90


@pytest.fixture
def folder(tmp_path):
    """A story of 300 words and its listeners, of whom the third is left out."""
    rng = np.random.default_rng(0)
    onset = np.sort(rng.uniform(0, 2 * VOLUMES - 2, 300))
    shown = rng.choice(["alice", "was", "late"], 300)
    words = pd.DataFrame({"word": shown, "onset": onset, "offset": np.append(onset[1:], onset[-1])})
    words.to_csv(tmp_path / "words.csv", index=False)
    vectors = rng.normal(size=(3, 4))
    np.savez(tmp_path / "vectors.npz", words=["alice", "was", "late"], vectors=vectors)
    for who in ("ann", "bob", "cy"):
        np.savetxt(tmp_path / f"{who}.txt", rng.normal(size=(VOLUMES - 5, 2)).cumsum(0))
    return tmp_path


def study_of(folder, *changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return ic.Study.from_text(text, folder)


def by_hand(folder, who, beside):
    """The mean over folds of each region, by the verbs."""
    words = ic.Stimuli.from_words(folder / "words.csv")
    spaces = [ic.features.word_rate(words)]
    if beside:
        glove = ic.features.embedding(words, folder / "vectors.npz", unknown="zero")
        spaces.append(glove)
    series = ic.resample(ic.Responses.concat(spaces), VOLUMES, tr=2.0)
    late = ic.delayed(series, [1, 2]).take(slice(5, None))
    kept = np.arange(5, VOLUMES)
    values = np.mean([np.loadtxt(folder / f"{each}.txt") for each in who], axis=0)
    table = {"onset": 2.0 * kept, "run": "1"}
    bold = ic.clean(ic.Responses(values, late.stimuli, table=table))
    model = make_pipeline(StandardScaler(), ic.Ridge([1.0, 100.0]))
    return ic.encode(late, bold, model, folds=ic.Folds.by_run(bold, 3)).mean("fold").values[0]


def test_the_numbers_are_those_of_the_verbs(folder):
    result = ic.run(study_of(folder))
    assert not len(result.failed)
    table = result.table()
    people = table[table["subject"].notna()].set_index(["network", "subject", "region"])
    assert set(table["subject"].dropna()) == {"ann", "bob"}
    for network, beside in (("rate", False), ("vectors", True)):
        for who in ("ann", "bob"):
            right = by_hand(folder, [who], beside)
            found = [people.loc[(network, who, each), "score"] for each in ("LATL", "LIFG")]
            assert found == pytest.approx(right, abs=1e-6)
    # All shifts of 85 volumes are fewer than would be drawn in a long series: p is one of them.
    assert (people["p"] >= 1 / 85).all()
    assert (people["p"] <= 1).all()


def numbers(plan):
    return [task for batch in plan.todo() for task in batch.tasks if task.layer]


def test_a_change_of_words_or_times_computes_anew_and_a_new_name_nothing(folder):
    study = study_of(folder)
    ic.run(study)
    assert ic.plan(study).todo() == []
    assert ic.plan(study_of(folder, ('"encoding"\nkind', '"ridge"\nkind'))).todo() == []
    later = study_of(folder, ("delays = [1, 2]", "delays = [1, 2, 3]"))
    assert len(numbers(ic.plan(later))) == 8
    words = pd.read_csv(folder / "words.csv")
    words["onset"] -= 0.001
    words.loc[0, "onset"] = 0
    words.to_csv(folder / "words.csv", index=False)
    todo = ic.plan(study)
    assert (len(numbers(todo)), todo.passes) == (8, 600)


def test_the_mean_over_listeners_is_one_series(folder):
    averaged = ic.run(study_of(folder, ("tr = 2.0", "average = true, tr = 2.0"))).table()
    assert list(averaged["subject"].dropna().unique()) == ["group"]
    cleaned = []
    for who in ("ann", "bob"):
        series = np.loadtxt(folder / f"{who}.txt")
        cleaned.append(ic.clean(ic.Responses(series, table={"run": ["1"] * len(series)})).numpy())
    np.savetxt(folder / "mean.txt", np.mean(cleaned, axis=0))
    kept = np.arange(5, VOLUMES)
    words = ic.Stimuli.from_words(folder / "words.csv")
    late = ic.delayed(ic.resample(ic.features.word_rate(words), VOLUMES, tr=2.0), [1, 2])
    late = late.take(slice(5, None))
    bold = ic.Responses(
        np.loadtxt(folder / "mean.txt"), late.stimuli, table={"onset": 2.0 * kept, "run": "1"}
    )
    model = make_pipeline(StandardScaler(), ic.Ridge([1.0, 100.0]))
    right = ic.encode(late, bold, model, folds=ic.Folds.by_run(bold, 3)).mean("fold").values[0]
    found = averaged[averaged["network"] == "rate"]["score"]
    assert list(found) == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('"words.csv"', '"word.csv"', 5, "there is no file"),
        ('"word_rate"\n\n[[n', '"word_rates"\n\n[[n', 9, "Did you mean 'word_rate'?"),
        ('"word_rate"\n\n[[n', '"envelope"\n\n[[n', 9, "envelope is of audio"),
        ('"vectors.npz"', '"vector.npz"', 14, "there is no file of vectors"),
        ('["word_rate"]', '["word_rate"]\ncontext = 40', 11, "context is of networks"),
        ('vectors = "vectors.npz"', "", 11, "embedding and its vectors belong together"),
        ('["cy"]', '["dee"]', 20, "has no subject 'dee'"),
        ('["cy"]', '["ann", "bob", "cy"]', 20, "left without subjects"),
        ("tr = 2.0, ", "", 19, "say the time from row to row by tr"),
        ("first = 5", "first = 2", 17, "outside"),
        (', "LIFG"', "", 19, "has 2 columns, and the study names 1"),
        ('kind = "encoding"', 'kind = "encoding"\nresample = "linear"', 26, "lanczos"),
        ("delays = [1, 2]", "delays = []", 31, "at least 1"),
        ("delays = [1, 2]", "delays = [-1]", 31, "greater than or equal to 0"),
    ],
)
def test_each_thing_is_told_with_its_line(folder, old, new, line, said):
    with pytest.raises(ic.InputError) as found:
        ic.plan(study_of(folder, (old, new)))
    problems = [(each.line, each.what) for each in found.value.problems]
    assert any(each[0] == line and said in each[1] for each in problems), problems


@pytest.mark.parametrize("kind", ["rsa", "similarity", "decoding"])
def test_methods_that_compare_rows_do_not_take_a_series(folder, kind):
    method = TEXT[TEXT.index("[[method]]") :]
    other = f'[[method]]\nname = "other"\nkind = "{kind}"\nrecordings = ["fMRI"]\n'
    with pytest.raises(ic.InputError, match="takes .*the recording 'fMRI' is SeriesInTime"):
        ic.plan(study_of(folder, (method, other)))


def test_images_have_no_times(folder):
    with pytest.raises(ic.InputError) as found:
        ic.plan(study_of(folder, ('words = "words.csv"', 'dataset = "digits69"')))
    said = [each.what for each in found.value.problems]
    assert any("the stimuli have no onsets" in each for each in said), said
    assert any("word_rate is of words" in each for each in said), said


@pytest.mark.slow
def test_the_story_of_the_examples_has_its_published_numbers(shared, tmp_path):
    text = (Path(__file__).parents[2] / "examples/studies/alice.toml").read_text()
    for old, new in (("hidden state *", "hidden state 2"), ("permutations = 500", "")):
        text = text.replace(old, new)
    table = ic.run(ic.Study.from_text(text, tmp_path)).table()
    found = table.pivot_table("score", "network", "region", observed=True)["LATL"]
    # tests/transform/test_alice.py has them by the verbs, and docs/time.md tells them.
    assert found["word rate"] == pytest.approx(0.323, abs=5e-4)
    assert found["GloVe"] == pytest.approx(0.631, abs=5e-3)
    assert found["MiniLM"] == pytest.approx(0.616, abs=5e-3)
