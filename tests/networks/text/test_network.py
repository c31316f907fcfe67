import dataclasses

import numpy as np
import pytest
import torch

import isocortex as ic


def test_layers_have_names_and_hidden_states_numbers(bert, gpt2):
    assert list(bert.select("main")) == ["embeddings", "encoder.layer.0", "encoder.layer.1"]
    assert bert.select("hidden state 2") == {"hidden state 2": "encoder.layer.1"}
    assert gpt2.select("h.1") == {"h.1": "transformer.h.1"}
    assert "lm_head" in gpt2.layers


@pytest.mark.parametrize("name", ["hidden_states[1]", "hidden_state_1", "Hidden state 1"])
def test_hidden_states_are_spelled_as_one_likes(bert, name):
    assert bert.select([name]) == {"hidden state 1": "encoder.layer.0"}


def test_an_unknown_layer_is_answered_by_the_nearest(bert):
    with pytest.raises(ic.InputError, match="'hidden state 9' .* Did you mean 'hidden state"):
        bert.select("hidden state 9")


def test_token_ids_stay_whole_numbers(bert):
    batch = bert.as_batch(np.array([[5, 6, 7]], dtype=np.int32))
    assert batch.dtype == torch.int64
    given = bert.activations(bert.preprocessing("her book")[None], "hidden state 1")
    assert given["hidden state 1"].dtype == np.float32
    assert given["hidden state 1"].shape[2] == 12


def test_weights_are_float32_though_they_were_saved_in_half(bert_folder, tmp_path):
    import transformers

    module = transformers.AutoModel.from_pretrained(bert_folder, dtype=torch.float16)
    module.save_pretrained(tmp_path)
    ic.load_network(bert_folder).preprocessing.tokenizer.save_pretrained(tmp_path)
    network = ic.load_network(tmp_path)
    assert {each.dtype for each in network.module.parameters()} == {torch.float32}


def test_a_copy_of_it_reads_text_as_well(bert, story):
    other = dataclasses.replace(bert, name="other")
    assert ic.extract(other, story, "hidden state 0").network == "other"
    without = ic.ablate(bert, "encoder.layer.0.output.dense", channels=[0])
    assert without.modality == "text"
    assert ic.extract(without, story, "hidden state 1").network.endswith("output.dense")


def test_describe_says_names_and_numbers(gpt2):
    found = ic.describe(gpt2, 2127, layers="main")
    assert found.layers["alias"].tolist() == [f"hidden state {i}" for i in range(4)]
    assert found.takes == "text, at most 400 tokens at once"
    assert found.input_shape == (400,)
    assert "input text, at most 400 tokens at once" in str(found)


def test_verbs_of_images_say_so(bert, gpt2):
    image = np.zeros((3, 8, 8), np.float32)
    for look in (
        lambda: ic.saliency(bert, image, "encoder.layer.0", 0),
        lambda: ic.receptive_field(bert, "encoder.layer.0", unit=0),
        lambda: ic.optimal_stimulus(bert, "encoder.layer.0", 0),
    ):
        with pytest.raises(ic.InputError) as caught:
            look()
        assert "looks at networks of images" in str(caught.value)
        assert "takes text" in str(caught.value)
