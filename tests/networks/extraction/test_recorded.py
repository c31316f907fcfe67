"""Sound and film through networks: rows, times and axes, held against single passes."""

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.errors import InputError, IsocortexWarning


class Hearing(nn.Module):
    """Two convolutions over samples, and a state that goes over all of them."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 3, 10, 5)
        self.conv2 = nn.Conv1d(3, 4, 4, 2)
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        x = self.conv2(torch.relu(self.conv1(x[:, None])))
        x, _ = self.lstm(x.transpose(1, 2))
        return self.fc(x.mean(1))


class Seeing(nn.Module):
    """Convolutions over frames, rows and columns; time halves in the second."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv3d(3, 2, 3, padding=1)
        self.conv2 = nn.Conv3d(2, 5, 3, (2, 2, 2), padding=1)
        self.fc = nn.Linear(5, 3)

    def forward(self, x):
        return self.fc(self.conv2(torch.relu(self.conv1(x))).mean((2, 3, 4)))


@pytest.fixture
def hearing():
    torch.manual_seed(0)
    return Hearing().eval()


@pytest.fixture
def seeing():
    torch.manual_seed(0)
    return Seeing().eval()


@pytest.fixture
def sounds(rng):
    return ic.Stimuli.from_audio(
        rng.normal(size=500), 100, window=2, hop=1, start=20.0, names=["story"]
    )


def _passes(module, samples):
    kept = {}
    hooks = [
        each.register_forward_hook(
            lambda _m, _i, out, name=name: kept.update(
                {name: out[0] if isinstance(out, tuple) else out}
            )
        )
        for name, each in module.named_modules()
    ]
    with torch.no_grad():
        module(torch.tensor(samples, dtype=torch.float32)[None])
    for each in hooks:
        each.remove()
    return {name: each[0].numpy() for name, each in kept.items()}


def test_moments_are_rows_with_their_times(hearing, sounds):
    store = ic.extract(hearing, sounds, ["conv1", "conv2", "lstm", "fc"])
    assert {name: store[name].values.shape for name in store} == {
        "conv1": (4 * 39, 3),
        "conv2": (4 * 18, 4),
        "lstm": (4 * 18, 6),
        "fc": (4, 2),
    }
    for i in range(4):
        truth = _passes(hearing, sounds.read(i))
        conv2, lstm = (store[name].numpy()[18 * i : 18 * (i + 1)] for name in ("conv2", "lstm"))
        assert np.allclose(conv2, truth["conv2"].T, atol=1e-6)
        assert np.allclose(lstm, truth["lstm"], atol=1e-6)
    table = store["conv2"].table
    # Kernels 10 and 4 with strides 5 and 2: a row is of 25 samples, and 10 apart.
    begin = 20 + np.repeat(np.arange(4), 18) + np.tile(np.arange(18), 4) / 10
    assert np.allclose(table["onset"], begin)
    assert np.allclose(table["offset"], begin + 0.25)
    assert np.allclose(table["time"], begin + 0.12)
    assert set(table["run"]) == {"story"}
    assert store["conv2"].stimuli[18] == "story window 1 frame 00"
    assert list(store["lstm"].units.columns) == ["unit"]
    assert store["fc"].stimuli == sounds.names


def test_a_row_for_each_stimulus_pools_over_time(hearing, sounds):
    for pooling, slow in {"mean": lambda x: x.mean(0), "last": lambda x: x[-1]}.items():
        store = ic.extract(hearing, sounds, ["lstm"], pooling=pooling)
        truth = np.stack([slow(_passes(hearing, sounds.read(i))["lstm"]) for i in range(4)])
        assert np.allclose(store["lstm"].numpy(), truth, atol=1e-6)
        assert store["lstm"].stimuli == sounds.names
    # The last state stands for the end of its window.
    assert store["lstm"].table["time"].tolist() == sounds.table["offset"].tolist()


def test_all_moments_of_a_stimulus_can_be_one_row(hearing, sounds):
    layer = ic.extract(hearing, sounds, ["conv2"], rows="stimuli")["conv2"]
    assert np.allclose(
        layer.numpy()[2].reshape(4, 18), _passes(hearing, sounds.read(2))["conv2"], atol=1e-6
    )
    assert list(layer.units.columns) == ["channel", "time"]


def test_sounds_of_different_lengths_are_shown_one_by_one(hearing, rng):
    parts = [rng.normal(size=n) for n in (120, 300, 90)]
    sounds = ic.Stimuli.from_audio(parts, 100)
    layer = ic.extract(hearing, sounds, ["conv2"])["conv2"]
    truth = [_passes(hearing, each)["conv2"].T for each in parts]
    assert np.allclose(layer.numpy(), np.concatenate(truth), atol=1e-6)
    assert layer.table["run"].value_counts().to_dict() == {
        f"sound {i}": len(each) for i, each in enumerate(truth)
    }
    pooled = ic.extract(hearing, sounds, ["conv2"], pooling="mean")["conv2"]
    assert np.allclose(pooled.numpy(), [each.mean(0) for each in truth], atol=1e-6)
    with pytest.raises(InputError, match=r"between 7 and 28 moments in the layer 'conv2'"):
        ic.extract(hearing, sounds, ["conv2"], rows="stimuli")


@pytest.mark.parametrize("lengths", [(200, 200, 200), (120, 300, 90)])
def test_stores_on_disk_hold_the_same(hearing, rng, tmp_path, lengths):
    sounds = ic.Stimuli.from_audio([rng.normal(size=n) for n in lengths], 100, start=[1, 2, 3])
    layers = ["conv1", "lstm", "fc"]
    held = ic.extract(hearing, sounds, layers)
    ic.extract(hearing, sounds, layers, tmp_path / "a.zarr", batch_size=2)
    store = ic.Store(tmp_path / "a.zarr")
    for name in layers:
        assert np.allclose(store[name].numpy(), held[name].numpy(), atol=1e-6)
        assert np.allclose(store[name].values[5:9, 1], held[name].numpy()[5:9, 1], atol=1e-6)
        assert store[name].stimuli == held[name].stimuli
        assert store[name].table.equals(held[name].table)
    assert store.verify().empty
    again = ic.extract(hearing, sounds, layers, tmp_path / "a.zarr")
    assert again["lstm"].table.equals(held["lstm"].table)
    grams = ic.extract(hearing, sounds, layers, tmp_path / "g.zarr", keep="grams")
    for name in layers:
        x = held[name].numpy().astype(float)
        assert np.allclose(grams[name].matrix, x @ x.T, atol=1e-4)
        assert grams[name].stimuli == held[name].stimuli


def test_damage_of_a_store_is_told_by_stimulus(hearing, sounds, tmp_path):
    store = ic.extract(hearing, sounds, ["conv1"], tmp_path / "a.zarr", batch_size=2)
    file = tmp_path / "a.zarr/layers/conv1/c/1/0"
    raw = bytearray(file.read_bytes())
    raw[10] ^= 1
    file.write_bytes(raw)
    assert store.verify()[["first", "last"]].to_numpy().tolist() == [
        ["story window 2", "story window 3"]
    ]


def test_sounds_of_another_rate_than_the_networks_are_resampled_and_said(hearing, rng):
    samples = rng.normal(size=400)
    network = ic.load_network(hearing, preprocessing=ic.AudioPreprocessing(50, standardize=True))
    assert network.modality == "audio"
    sounds = ic.Stimuli.from_audio(samples, 100)
    with pytest.warns(IsocortexWarning, match=r"1 of 1 sounds of 100 Hz are resampled to 50 Hz"):
        layer = ic.extract(network, sounds, ["conv1"])["conv1"]
    from scipy.signal import resample_poly

    half = resample_poly(samples, 1, 2)
    half = (half - half.mean()) / np.sqrt(half.var() + 1e-7)
    assert np.allclose(layer.numpy(), _passes(hearing, half)["conv1"].T, atol=1e-5)
    assert layer.table["offset"].iloc[0] == pytest.approx(10 / 50)


def test_frames_of_films_are_rows_that_cover_what_they_are_of(seeing, film):
    clips = ic.Stimuli.from_video(film, window=0.8)
    network = ic.load_network(seeing, preprocessing=ic.VideoPreprocessing(crop=16))
    store = ic.extract(network, clips, ["conv1", "conv2", "fc"])
    truth = [_passes(seeing, network.preprocessing(clips.read(i))) for i in range(2)]
    conv2 = np.concatenate([each["conv2"].transpose(1, 0, 2, 3).reshape(4, -1) for each in truth])
    assert np.allclose(store["conv2"].numpy(), conv2, atol=1e-5)
    assert store["conv1"].values.shape == (16, 2 * 16 * 16)
    assert np.allclose(store["conv1"].table["onset"], np.arange(16) / 10)
    assert np.allclose(store["conv2"].table["onset"], np.arange(8) / 5)
    assert np.allclose(store["conv2"].table["offset"], np.arange(1, 9) / 5)
    assert np.allclose(store["conv2"].table["time"], np.arange(8) / 5 + 0.1)
    assert list(store["conv2"].units.columns) == ["channel", "row", "col"]
    assert store["fc"].stimuli == clips.names
    by_frame = ic.extract(network, clips, ["conv2"], rows="frames", pooling="mean")["conv2"]
    assert np.allclose(by_frame.numpy(), conv2.reshape(8, 5, -1).mean(2), atol=1e-6)
    by_clip = ic.extract(network, clips, ["conv2"], pooling="mean")["conv2"]
    slow = np.stack([each["conv2"].mean((1, 2, 3)) for each in truth])
    assert np.allclose(by_clip.numpy(), slow, atol=1e-6)


def test_clips_that_look_back_stamp_their_frames_at_their_ends(seeing, film):
    clips = ic.Stimuli.from_video(film, window=0.8, stamp="end")
    table = ic.extract(seeing, clips, ["conv2"])["conv2"].table
    assert (table["time"] == table["offset"]).all()


def test_frames_are_spread_over_clips(seeing, film):
    clips = ic.Stimuli.from_video(film)
    network = ic.load_network(seeing, preprocessing=ic.VideoPreprocessing(frames=4))
    layer = ic.extract(network, clips, ["conv1"], pooling="mean", rows="frames")["conv1"]
    pixels = clips.read(0)[[2, 7, 12, 17]]
    truth = _passes(seeing, ic.VideoPreprocessing()(pixels))["conv1"].mean((2, 3)).T
    assert np.allclose(layer.numpy(), truth, atol=1e-6)
    assert layer.table["onset"].tolist() == pytest.approx([0, 0.5, 1, 1.5])


def test_what_does_not_fit_is_a_sentence(hearing, seeing, sounds, film):
    image = ic.load_network("cifar10_resnet20", weights=None)
    with pytest.raises(InputError, match="needs images; there are 4 stimuli of modality 'audio'"):
        ic.extract(image, sounds)
    with pytest.raises(InputError, match="rows='seconds' is not known"):
        ic.extract(hearing, sounds, rows="seconds")
    with pytest.raises(InputError, match=r"rows= is for .*these stimuli are images"):
        ic.extract(image, ic.textures(2, size=(32, 32)), rows="frames")
    bare = ic.Stimuli(["a"], [np.zeros(300)], "audio")
    with pytest.raises(InputError, match="'a' are bare arrays: make them by Stimuli.from_audio"):
        ic.extract(hearing, bare)
    short = ic.Stimuli.from_audio(np.zeros(8), 100)
    with pytest.raises(InputError, match="cannot take"):
        ic.extract(hearing, short)
    mixed = ic.Stimuli.from_audio([np.zeros(200)], 100).sources
    other = ic.Stimuli.from_audio([np.zeros(200)], 200).sources
    both = ic.Stimuli(["a", "b"], [*mixed, *other], "audio")
    with pytest.raises(InputError, match=r"'100', '200' samples in a second"):
        ic.extract(hearing, both)
    del film, seeing
