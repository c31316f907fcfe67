"""Speech and video networks of transformers, small and random: rows equal hidden states."""

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.errors import InputError
from isocortex.networks.inputs.whisper import WhisperPreprocessing
from isocortex.networks.zoo.torchvision_shim import torchvision
from isocortex.networks.zoo.transformers_recorded import recorded_preprocessing, takes_recordings

torchvision()
transformers = pytest.importorskip("transformers")

SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": (4,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}


@pytest.fixture
def speech_16k(rng):
    return ic.Stimuli.from_audio(rng.normal(size=12000), 16000, names=["speech"])


@pytest.mark.parametrize("kind", ["Wav2Vec2", "Hubert", "WavLM"])
def test_rows_are_hidden_states_at_the_centres_of_their_samples(kind, speech_16k):
    module = getattr(transformers, f"{kind}Model")(
        getattr(transformers, f"{kind}Config")(**SMALL)
    ).eval()
    network = ic.load_network(module)
    assert network.preprocessing == ic.AudioPreprocessing(16000, standardize=True)
    layer = ic.extract(network, speech_16k, ["encoder.layers.0"])["encoder.layers.0"]
    samples = speech_16k.read(0)
    samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    with torch.no_grad():
        states = module(torch.tensor(samples[None]).float(), output_hidden_states=True)
    assert np.allclose(layer.numpy(), states.hidden_states[1][0], atol=1e-5)
    n = (12000 - 400) // 320 + 1
    assert layer.values.shape == (n, 16)
    assert np.allclose(layer.table["time"], (320 * np.arange(n) + 199.5) / 16000)
    assert np.allclose(layer.table["offset"] - layer.table["onset"], 0.025)


def _whisper():
    config = transformers.WhisperConfig(
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=100,
        vocab_size=50,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    return transformers.WhisperModel(config).eval()


def test_states_of_whisper_past_the_end_of_the_sound_are_cut_off(rng):
    module = _whisper()
    network = ic.load_network(module)
    assert network.preprocessing == WhisperPreprocessing(80, 2.0)
    parts = [rng.normal(size=n) for n in (8000, 16100)]
    sounds = ic.Stimuli.from_audio(parts, 16000)
    layer = ic.extract(network, sounds, ["layers.0"])["layers.0"]
    # States of 20 ms: those that begin within the sound.
    assert layer.table["run"].value_counts().to_dict() == {"sound 0": 25, "sound 1": 51}
    bands = torch.tensor(np.stack([network.preprocessing(each) for each in parts]))
    with torch.no_grad():
        states = module.encoder(bands, output_hidden_states=True)
    before_norm = layer.numpy()[:25]
    assert np.allclose(
        module.encoder.layer_norm(torch.tensor(before_norm)).detach(),
        states.last_hidden_state[0, :25],
        atol=1e-5,
    )
    pooled = ic.extract(network, sounds, ["layers.0"], pooling="mean")["layers.0"].numpy()
    assert np.allclose(pooled[0], before_norm.mean(0), atol=1e-6)
    with pytest.raises(InputError, match="Whisper takes 2 s of sound at most"):
        ic.extract(network, ic.Stimuli.from_audio(np.zeros(40000), 16000), ["layers.0"])


def test_mel_bands_are_those_of_whispers_own_extractor(rng):
    own = transformers.WhisperFeatureExtractor()
    samples = 0.1 * rng.normal(size=20000)
    right = own(samples, sampling_rate=16000, return_tensors="np").input_features[0]
    assert np.allclose(WhisperPreprocessing()(samples), right, atol=2e-3)


def test_video_networks_are_shown_frames_first(film):
    config = transformers.VideoMAEConfig(
        image_size=32,
        patch_size=16,
        num_frames=4,
        tubelet_size=2,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    module = transformers.VideoMAEModel(config).eval()
    network = ic.load_network(module)
    assert (network.modality, network.input_shape) == ("video", (4, 3, 32, 32))
    clips = ic.Stimuli.from_video(film, window=1.0)
    layer = ic.extract(network, clips, ["encoder.layer.0"])["encoder.layer.0"]
    # Tokens of space and time: no axis is time alone, so that a row is a clip.
    assert layer.stimuli == clips.names
    assert layer.values.shape == (2, 2 * 4 * 16)


def test_a_processor_may_say_that_sounds_are_not_standardized():
    module = transformers.WavLMModel(transformers.WavLMConfig(**SMALL))
    assert takes_recordings(module)
    told = {"do_normalize": False, "sampling_rate": 8000}
    assert recorded_preprocessing(module, told) == ic.AudioPreprocessing(8000, standardize=False)


def test_other_spectrograms_are_refused_by_name():
    config = transformers.ASTConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    with pytest.raises(InputError, match=r"is a network for audio"):
        ic.load_network(transformers.ASTModel(config))
