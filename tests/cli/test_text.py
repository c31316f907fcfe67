"""From a TextGrid or a table of words to hidden states, on the command line."""

import numpy as np
import pytest

import isocortex as ic

WORDS = ["Alice", "was", "very", "tired", "Alice"]


def textgrid(path):
    ends = "\n".join(f'{i}\n{i + 1}\n"{word}"' for i, word in enumerate(WORDS))
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n5\n<exists>\n1\n'
        f'"IntervalTier"\n"words"\n0\n5\n5\n{ends}\n'
    )


def table(path):
    rows = [f"{word},{i},{i + 1}" for i, word in enumerate(WORDS)]
    path.write_text("\n".join(["word,onset,offset", *rows]))


@pytest.mark.parametrize(("name", "write"), [("a.TextGrid", textgrid), ("words.csv", table)])
@pytest.mark.parametrize("context", ["2", "blocks:2", "growing"])
def test_words_of_a_file_become_hidden_states(command, reader, tmp_path, name, write, context):
    write(tmp_path / name)
    store = tmp_path / "words.zarr"
    code, out, err = command(
        "extract", reader, tmp_path / name, "--context", context, "--into", store
    )
    assert code == 0, err
    assert "3 layers of" in out
    layer = ic.Store(store)["hidden state 1"]
    assert list(layer.table["word"]) == WORDS
    chosen = {"2": 2, "blocks:2": ic.Blocks(2), "growing": ic.Growing()}[context]
    words = ic.Stimuli.from_words(tmp_path / name)
    same = ic.extract(reader, words, "hidden state 1", context=chosen)
    np.testing.assert_array_equal(layer.numpy(), same["hidden state 1"].numpy())


def test_an_unknown_context_is_a_sentence(command, reader, tmp_path):
    table(tmp_path / "words.csv")
    wanted = ("extract", reader, tmp_path / "words.csv", "--into", tmp_path / "s.zarr")
    code, _, err = command(*wanted, "--context", "all")
    assert code != 0
    assert "give a number of words, blocks:40 or growing" in " ".join(err.split())


def test_info_says_that_a_folder_is_a_network_of_text(command, reader):
    code, out, _ = command("info", reader, "--layers", "main")
    assert code == 0
    assert "input text, at most 64 tokens at once" in " ".join(out.split())
    assert "GPT2Block" in out
