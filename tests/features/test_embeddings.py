"""Vectors of words: how words are looked up, files, and words that have none."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

SAID = ["Alice", "US", "us", "Dinah's", "rabbit,", "’ll", "zxqv"]
WORDS = ic.Stimuli.from_words({"word": SAID, "onset": range(7), "offset": range(1, 8)})
OF = {
    "alice": [1.0, 2.0, 3.0],
    "US": [4.0, 5.0, 6.0],
    "us": [7.0, 8.0, 9.0],
    "dinah": [-1.0, 0.5, 0.0],
    "rabbit": [0.25, 0.0, 1.0],
    "'ll": [3.0, 3.0, 3.0],
    "unasked": [0.0, 0.0, 0.0],
}
FOUND = np.array([*list(OF.values())[:6], [0.0, 0.0, 0.0]])


def as_text(header=False):
    lines = [f"{word} {' '.join(map(str, vector))}" for word, vector in OF.items()]
    return "\n".join(([f"{len(OF)} 3"] if header else []) + lines) + "\n"


class Kept:
    key_to_index = {word: i for i, word in enumerate(OF)}  # noqa: RUF012
    vectors = np.array(list(OF.values()))


def forms(folder):
    (folder / "glove.txt").write_text(as_text())
    (folder / "w2v.vec").write_text(as_text(header=True))
    (folder / "blanks.txt").write_text(as_text() + "alice springs 9 9 9\n")
    np.savez(folder / "v.npz", words=np.array(list(OF)), vectors=Kept.vectors)
    return {
        "a mapping": OF,
        "a DataFrame": pd.DataFrame(OF).T,
        "KeyedVectors": Kept(),
        "text of GloVe": folder / "glove.txt",
        "text of word2vec": str(folder / "w2v.vec"),
        "words with blanks": folder / "blanks.txt",
        "an archive": folder / "v.npz",
    }


def test_all_forms_of_vectors_give_the_same(tmp_path):
    for what, vectors in forms(tmp_path).items():
        found = ic.features.embedding(WORDS, vectors, unknown="zero")
        np.testing.assert_array_equal(found.numpy(), FOUND, err_msg=what)
        assert found.labels["unknown"] == "1 as zero", what
        assert found.stimuli == WORDS.names
    assert found.labels["layer"] == "v"
    assert found.units["feature"].tolist() == ["v 0", "v 1", "v 2"]


def test_words_without_a_vector_are_a_choice():
    told = r"has no vector of 1 of 7 words, 1 different ones: 'zxqv'\. "
    with pytest.warns(ic.IsocortexWarning, match=told + "They are 0"):
        found = ic.features.embedding(WORDS, OF)
    np.testing.assert_array_equal(found.numpy(), FOUND)
    with pytest.raises(ic.InputError, match=told + "Say what"):
        ic.features.embedding(WORDS, OF, unknown="refuse")
    with pytest.raises(ic.InputError, match="no vector of 3 of 3 words"):
        ic.features.embedding(WORDS_KNOWN, {"x": [1.0]})
    mean = ic.features.embedding(WORDS, OF, unknown="mean").numpy()
    np.testing.assert_allclose(mean[6], FOUND[:6].mean(0))
    assert "unknown" not in ic.features.embedding(WORDS_KNOWN, OF).labels
    with pytest.raises(ic.UndefinedError, match="No word is known"):
        ic.features.embedding(WORDS_KNOWN, {"x": [1.0]}, unknown="mean")


WORDS_KNOWN = WORDS.take([0, 1, 2])


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        ({"alice": [1.0, 2.0], "us": [1.0]}, r"vectors of different lengths: \[1, 2\]"),
        ({"alice": ["a"]}, "vectors that are no numbers"),
        ({"alice": [np.nan]}, "has NaN or infinity for 'alice'"),
        (pd.DataFrame([[1.0], [2.0]], index=["alice", "alice"]), "two rows of 'alice'"),
        (np.eye(3), "needs a string, a path, a mapping, DataFrame or KeyedVectors as vect"),
    ],
)
def test_what_holds_no_vectors_is_a_sentence(vectors, told):
    with pytest.raises(ic.InputError, match=told):
        ic.features.embedding(WORDS, vectors, unknown="zero")


DAMAGED = {
    "twice.txt": ("alice 1 2\nalice 1 2\n", "two vectors of 'alice'"),
    "short.txt": ("x 1 2\nalice 1\n", "the line of 'alice' has not 2 numbers"),
    "cut.vec": ("3 2\nalice 1 2\n", "has 1 words, but says 3"),
    "no.txt": ("hello\n", "its first line is neither two counts nor a word with its numbers"),
    "text.txt": ("alice b c d\n", "its first line is neither two counts"),
    "words.txt": ("x 1 2\nalice 1 b\n", "is not a text file of vectors"),
    "empty.txt": ("", "its first line is neither"),
    "long.txt": ("x" * 2**20 + "y", "has a line of more than"),
    "vectors.bin": ("x", "is of no kind that vectors of words are read from"),
    "broken.npz": ("PK", "is not an archive of words and vectors"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_a_sentence(name, tmp_path):
    content, told = DAMAGED[name]
    (tmp_path / name).write_text(content)
    with pytest.raises(ic.FormatError, match=rf"{name}'.*{told}"):
        ic.features.embedding(WORDS, tmp_path / name, unknown="zero")


def test_archives_of_other_arrays_are_a_sentence(tmp_path):
    np.savez(tmp_path / "a.npz", words=["a"])
    with pytest.raises(ic.FormatError, match="needs the arrays 'words' and 'vectors'"):
        ic.features.embedding(WORDS, tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", words=["a"], vectors=np.eye(2))
    with pytest.raises(ic.FormatError, match=r"'words' has shape \(1,\) and 'vectors' \(2, 2\)"):
        ic.features.embedding(WORDS, tmp_path / "a.npz")
    with pytest.raises(ic.NotFoundError, match="no file"):
        ic.features.embedding(WORDS, tmp_path / "absent.txt")


def test_glove_lacks_two_words_of_alice(shared):
    path = next((shared / "data" / "alice" / "stim").glob("*.TextGrid"))
    with pytest.warns(ic.IsocortexWarning, match="of 2423 intervals"):
        words = ic.Stimuli.from_words(path)
    glove = shared / "weights" / "glove_50d"
    found = ic.features.embedding(words, glove, unknown="zero")
    assert found.numpy().shape == (2127, 50)
    assert found.labels["unknown"] == "2 as zero"
    without = np.nonzero(~found.numpy().any(1))[0]
    assert [words.sources[i] for i in without] == ["curtseying", "happpens"]
    with np.load(glove / "glove_6b_50d_20k.npz") as held:
        alice = held["vectors"][held["words"].tolist().index("alice")]
    np.testing.assert_array_equal(found.numpy()[0], alice)
