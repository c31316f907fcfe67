"""Silero's detector of speech, rebuilt: the numbers that were measured on its TorchScript."""

import zipfile

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.errors import FormatError, InputError
from isocortex.networks.zoo.silero_vad import SileroVAD, from_silero, is_silero

LAYERS = ("stft", "encoder.0", "encoder.1", "encoder.2", "encoder.3", "lstm")

RIGHT = {
    "silero_vad.jit": (
        ((0.25024, 1.03659), (0.48430, 1.27090), (0.90963, 1.55302), (1.52215, 2.86311),
         (0.19471, 0.54921), (0.02354, 0.37189)),
        0.90228,
        (0.0237, 0.0097, 0.0050, 0.0041, 0.9998, 0.9894),
    ),
    "silero_vad_16k.safetensors": (
        ((0.25024, 1.03659), (0.90004, 2.07919), (1.37550, 2.60250), (1.64071, 3.07228),
         (0.20897, 0.61750), (0.03338, 0.38672)),
        0.91424,
        (0.0347, 0.0151, 0.0085, 0.0074, 0.9999, 0.8989),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_layers_of_speech_are_those_of_the_original(shared, name):
    hidden, mean, some = RIGHT[name]
    network = ic.load_network(shared / "weights/silero_vad" / name)
    speech = ic.Stimuli.from_audio(shared / "data/sound/arctic_a0009.wav")
    store = ic.extract(network, speech, [*LAYERS, "probability"])
    for layer, (right, sd) in zip(LAYERS, hidden, strict=True):
        values = store[layer].numpy()
        assert len(values) == 96
        assert values.mean() == pytest.approx(right, abs=2e-5)
        assert values.std(ddof=1) == pytest.approx(sd, abs=2e-5)
    probability = store["probability"].numpy()[:, 0]
    assert probability.mean() == pytest.approx(mean, abs=1e-5)
    assert probability[[0, 1, 2, 3, 20, 50]] == pytest.approx(some, abs=6e-5)
    table = store["lstm"].table
    k = np.arange(96)
    assert np.allclose(table["onset"], (512 * k - 64) / 16000)
    assert np.allclose(table["offset"], (512 * k + 512) / 16000)
    assert np.allclose(table["time"], table["offset"])


@pytest.mark.parametrize(("name", "noise"), [("silero_vad.jit", 0.0111)])
def test_noise_is_no_speech(shared, rng, name, noise):
    network = ic.load_network(shared / "weights/silero_vad" / name)
    hiss = ic.Stimuli.from_audio(0.05 * rng.normal(size=32000), 16000)
    tone = ic.Stimuli.from_audio(0.1 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000), 16000)
    assert ic.extract(network, hiss, "probability")["probability"].numpy().mean() < 3 * noise
    assert ic.extract(network, tone, "probability")["probability"].numpy().mean() < 0.01


def test_the_state_goes_on_from_window_to_window():
    torch.manual_seed(0)
    module = SileroVAD().eval()
    samples = torch.randn(2, 4 * 512)
    with torch.no_grad():
        whole = module(samples)
        # Slow truth: one window after the other, each with the 64 samples before it.
        padded, state, found = torch.nn.functional.pad(samples, (64, 0)), None, []
        for k in range(4):
            window = padded[:, 512 * k : 512 * k + 576]
            features = module.encoder(module.stft(window))[:, :, 0]
            out, state = module.lstm(features[:, None], state)
            found.append(module.probability(out))
    assert torch.allclose(whole, torch.cat(found, 1), atol=1e-6)


def _archive(path, sizes):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("root/code/__torch__/vad/model/vad_annotator.py", "")
        for i, size in enumerate(sizes):
            archive.writestr(f"root/data/{i}", bytes(size))
    return path


def test_an_archive_of_other_tensors_is_not_run_but_told_how_to_be_converted(tmp_path):
    path = _archive(tmp_path / "other.jit", [16, 32])
    assert is_silero(path)
    with pytest.raises(FormatError, match=r"TorchScript is never run here: convert it"):
        from_silero(path)


def test_tensors_that_are_missing_are_told(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "part.safetensors"
    save_file(
        {"stft_conv.weight": torch.zeros(258, 1, 256), "lstm_cell.weight_ih": torch.zeros(2)}, path
    )
    with pytest.raises(FormatError, match=r"'encoder.0.conv.weight' is missing"):
        ic.load_network(path)


def test_a_folder_with_one_detector_is_that_one(shared, tmp_path):
    with pytest.raises(InputError, match=r"holds 2 detectors of speech .* 'silero_vad.jit', 'sil"):
        ic.load_network(shared / "weights/silero_vad")
    (tmp_path / "vad.jit").symlink_to(shared / "weights/silero_vad/silero_vad.jit")
    assert ic.load_network(tmp_path).layers[-1] == "probability"


def test_sounds_too_short_for_it_are_told(shared):
    network = ic.load_network(shared / "weights/silero_vad/silero_vad.jit")
    with pytest.raises(InputError, match=r"shape \(300,\): .*Of sounds it may take longer pieces"):
        ic.extract(network, ic.Stimuli.from_audio(np.ones(300), 16000), "lstm")
