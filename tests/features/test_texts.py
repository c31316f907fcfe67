"""Term frequency times inverse document frequency, held against scikit-learn."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

import isocortex as ic

TEXTS = [
    "Alice was beginning to get very tired of sitting by her sister on the bank,",
    "and of having nothing to do: once or twice she had peeped into the book",
    "her sister was reading, but it had no pictures or conversations in it,",
    "'and what is the use of a book,' thought Alice 'without pictures?'",
    "…",
]
SENTENCES = ic.Stimuli.from_sentences(TEXTS)


def test_sentences_equal_those_of_scikit_learn():
    found = ic.features.tf_idf(SENTENCES)
    peer = TfidfVectorizer()
    np.testing.assert_allclose(found.numpy(), peer.fit_transform(TEXTS).toarray(), atol=1e-14)
    assert found.units["feature"].tolist() == peer.get_feature_names_out().tolist()
    assert dict(found.labels) == {
        "layer": "tf_idf",
        "tokens": "lower case, 2 or more letters or digits",
        "documents": "5 of one sentence each",
    }


def test_tokens_of_ones_own():
    found = ic.features.tf_idf(SENTENCES, tokens=str.split)
    peer = TfidfVectorizer(tokenizer=str.split, lowercase=False, token_pattern=None)
    np.testing.assert_allclose(found.numpy(), peer.fit_transform(TEXTS).toarray(), atol=1e-14)
    assert found.labels["tokens"] == "split"


def test_the_most_frequent_words_are_kept():
    found = ic.features.tf_idf(SENTENCES, n_words=3)
    assert found.units["feature"].tolist() == ["alice", "of", "the"]
    peer = TfidfVectorizer(vocabulary=["alice", "of", "the"]).fit_transform(TEXTS).toarray()
    np.testing.assert_allclose(found.numpy(), peer, atol=1e-14)


def running():
    said = [(word.strip(",.:'?…"), i) for i, text in enumerate(TEXTS) for word in text.split()]
    said = [(word, i) for word, i in said if word]
    table = {"word": [w for w, _ in said], "sentence": [i for _, i in said]}
    n = len(said)
    return ic.Stimuli.from_words({**table, "onset": range(n), "offset": range(1, n + 1)})


def test_words_of_a_running_text_sum_to_the_product_of_their_sentence():
    words = running()
    found = ic.features.tf_idf(words)
    assert (np.count_nonzero(found.numpy(), axis=1) <= 1).all()
    of = words.table["sentence"].to_numpy()
    summed = np.array([found.numpy()[of == i].sum(0) for i in range(4)])
    counts = CountVectorizer().fit_transform(TEXTS[:4])
    peer = TfidfTransformer(norm=None).fit_transform(counts).toarray()
    np.testing.assert_allclose(summed, peer, atol=1e-13)
    assert found.labels["documents"] == "4 of column 'sentence'"


def test_documents_of_so_many_words():
    words = running()
    found = ic.features.tf_idf(words, documents=10)
    texts = [" ".join(words.sources[i : i + 10]) for i in range(0, len(words), 10)]
    idf = TfidfVectorizer().fit(texts)
    rows, columns = np.nonzero(found.numpy())
    np.testing.assert_allclose(found.numpy()[rows, columns], idf.idf_[columns], atol=1e-14)
    assert found.labels["documents"] == f"{len(texts)} of 10 words"


def test_what_cannot_be_told_is_a_sentence(monkeypatch):
    words = ic.Stimuli.from_words({"word": ["ab"], "onset": [0], "offset": [1]})
    with pytest.raises(ic.InputError, match="no column 'sentence' that says which of them are one"):
        ic.features.tf_idf(words)
    with pytest.raises(ic.InputError, match=r"documents=0 must be a column or from 1"):
        ic.features.tf_idf(words, documents=0)
    with pytest.raises(ic.InputError, match="documents= is for a running text"):
        ic.features.tf_idf(SENTENCES, documents=3)
    with pytest.raises(ic.InputError, match="n_words=0 must be a whole number from 1"):
        ic.features.tf_idf(SENTENCES, n_words=0)
    with pytest.raises(ic.InputError, match="no text holds a word"):
        ic.features.tf_idf(ic.Stimuli.from_sentences(["…"]))
    monkeypatch.setattr("isocortex.features.texts.available_bytes", lambda: 1000)
    with pytest.raises(ic.StorageError, match="take the most frequent ones with n_words="):
        ic.features.tf_idf(SENTENCES)
