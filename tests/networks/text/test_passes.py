import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.text.contexts import Window
from isocortex.networks.text.passes import earliest, latest, mean, passes, stretches
from isocortex.networks.text.reading import reading_of


def test_stretches_are_sorted_and_rows_are_all_there(reader, story):
    reading = reading_of(story, reader.preprocessing, Window(7))
    found = stretches(reading, range(len(reading)), reader, share=False)
    lengths = [len(each.ids) for each in found]
    assert lengths == sorted(lengths)
    assert sorted(row for each in found for row in each.rows) == list(range(len(reading)))


def test_a_causal_network_reads_a_block_once(gpt2, story):
    reading = reading_of(story, gpt2.preprocessing, ic.Blocks(10))
    found = stretches(reading, range(len(reading)), gpt2, share=True)
    assert len(found) == len({(t, b) for t, b in zip(reading.text, reading.begin, strict=True)})


@pytest.mark.parametrize("batch_size", [None, 1, 6])
def test_padding_stands_on_the_right_behind_the_mask(bert, story, batch_size):
    reading = reading_of(story, bert.preprocessing, Window(7))
    found = stretches(reading, range(len(reading)), bert, share=False)
    seen = []
    for each in passes(found, bert, batch_size):
        ids, mask = each.batch["input_ids"], each.batch["attention_mask"]
        assert ids.numel() <= 4096
        assert len(ids) <= (batch_size or 64)
        assert (mask[:, :-1] >= mask[:, 1:]).all()
        assert (ids[mask == 0] == 0).all()
        seen += each.rows.tolist()
    assert sorted(seen) == list(range(len(reading)))


def test_poolings_of_tokens(rng):
    output = torch.from_numpy(rng.normal(size=(3, 9, 4)))
    stretch, first, last = np.array([0, 2, 2, 1]), np.array([1, 0, 4, 3]), np.array([4, 9, 5, 5])
    given = [torch.from_numpy(each) for each in (stretch, first, last)]
    cut = [output[i, a:b].numpy() for i, a, b in zip(stretch, first, last, strict=True)]
    for pool, slow in (
        (mean, lambda part: part.mean(0)),
        (earliest, lambda part: part[0]),
        (latest, lambda part: part[-1]),
    ):
        np.testing.assert_allclose(pool(output, *given), [slow(each) for each in cut], rtol=1e-12)
