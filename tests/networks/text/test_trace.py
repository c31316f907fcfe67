import pytest
import torch

import isocortex as ic


def test_causal_networks_are_told_by_what_they_see(bert, gpt2):
    assert gpt2.causal
    assert not bert.causal


def test_hidden_states_are_given_by_modules(bert, gpt2):
    assert list(bert.trace().states) == ["embeddings", "encoder.layer.0", "encoder.layer.1"]
    blocks = [f"transformer.h.{i}" for i in range(2)]
    assert list(gpt2.trace().states) == ["transformer.drop", *blocks, "transformer.ln_f"]


def test_the_last_state_is_after_the_norm_and_the_last_block_before_it(gpt2, story):
    store = ic.extract(gpt2, story, ["h.2", "hidden state 3"], pooling="last")
    norm = gpt2.module.transformer.ln_f
    with torch.no_grad():
        after = norm(torch.tensor(store["h.2"].numpy())).numpy()
    assert abs(after - store["hidden state 3"].numpy()).max() < 1e-5


def test_modules_without_rows_for_tokens_are_no_layers(bert):
    with pytest.raises(ic.InputError, match="'pooler' of .* it has no row for each token"):
        bert.select("pooler")


def test_a_state_that_no_module_gives_is_told(tmp_path):
    import transformers

    config = transformers.OPTConfig(
        vocab_size=50,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        ffn_dim=8,
        word_embed_proj_dim=8,
        max_position_embeddings=32,
        dropout=0.0,
    )
    from isocortex.networks.text.trace import trace_text

    found = trace_text(transformers.OPTModel(config))
    assert found.causal
    assert found.states[0] is None
    assert found.no_layers["hidden state 0"] == "no module of this network gives it"
    assert found.states[1:] == ("decoder.layers.0", "decoder.final_layer_norm")
