import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import isocortex as ic
from isocortex.networks.inspect.receptive_field import RECEPTIVE_FIELDS
from isocortex.networks.inspect.saliency import SALIENCY_METHODS

ALEXNET = {
    "conv1": (11, 4),
    "conv1_maxpool": (19, 8),
    "conv2": (51, 8),
    "conv2_maxpool": (67, 16),
    "conv3": (99, 16),
    "conv4": (131, 16),
    "conv5": (163, 16),
    "conv5_maxpool": (195, 32),
}


class Plain(nn.Module):
    """In-place rectifiers, dilation, unequal strides, functional pooling."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, (3, 5), stride=(1, 2), padding=(1, 2))
        self.relu = nn.ReLU(inplace=True)
        self.b = nn.Conv2d(4, 6, 3, dilation=2)
        self.norm = nn.BatchNorm2d(6)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = self.relu(self.a(x))
        x = functional.max_pool2d(x, 2)
        x = self.pool(self.norm(self.b(x)))
        return self.head(x.mean((2, 3)))


class Branching(nn.Module):
    """Two paths of different width that meet, and a shortcut."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.narrow = nn.Conv2d(4, 4, 1)
        self.wide = nn.Conv2d(4, 4, 5, padding=2)
        self.down = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.shortcut = nn.Conv2d(8, 8, 1, stride=2)
        self.join = nn.Identity()

    def forward(self, x):
        x = self.stem(x)
        x = torch.cat([self.narrow(x), self.wide(x)], 1) + torch.cat([x, x], 1)
        return self.join(functional.relu(self.down(x) + self.shortcut(x)))


SHAPE = ic.Preprocessing(resize=(40, 48), mean=(0.0,) * 3, std=(1.0,) * 3)


@pytest.fixture(scope="module")
def plain():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ic.load_network(Plain().eval(), preprocessing=SHAPE, name="plain")


@pytest.fixture(scope="module")
def branching():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ic.load_network(Branching(), preprocessing=SHAPE, name="branching")


@pytest.fixture(scope="module")
def alexnet(shared):
    folder = shared / "weights" / "alexnet_features"
    if not folder.is_dir():
        pytest.skip("no AlexNet weights beside the project")
    return ic.load_network("alexnet", weights=folder)


@pytest.fixture
def image(rng):
    return rng.uniform(size=(40, 48, 3)).astype(np.float32)


# --- receptive fields ------------------------------------------------------------------------


def changed_pixels(network, layer, places):
    """Brute force: which pixels change a unit of the network made positive and linear."""
    module = network.module
    x = torch.ones(1, *network.input_shape, requires_grad=True)
    hooked = []
    hook = module.get_submodule(layer).register_forward_hook(lambda m, i, o: hooked.append(o))
    module(x)
    hook.remove()
    (slope,) = torch.autograd.grad(hooked[0][0, :, *places].sum(), x)
    rows, columns = np.nonzero(slope[0].abs().sum(0).numpy())
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_arithmetic_equals_brute_force_on_a_plain_network(plain):
    a = ic.receptive_field(plain, "a")
    assert (a.size, a.stride, a.centre) == ((3, 5), (1, 2), (0, 0))
    assert changed_pixels(plain, "a", (10, 10)) == (9, 11, 18, 22)
    # By hand: the pool of 2 doubles strides; dilation 2 of width 3 spans 5; the pool 3 steps.
    b = ic.receptive_field(plain, "b")
    assert b.stride == (2, 4)
    assert b.size == (3 + 1 + 4 * 2, 5 + 2 + 4 * 4)
    pool = ic.receptive_field(plain, "pool")
    assert pool.stride == (4, 8)
    assert pool.size == (b.size[0] + 2 * 2, b.size[1] + 2 * 4)
    assert pool.centre == (b.centre[0], b.centre[1])


def test_gradient_and_occlusion_equal_arithmetic(plain):
    for layer in ("a", "relu", "b", "norm", "pool"):
        expected = ic.receptive_field(plain, layer).size
        measured = ic.receptive_field(plain, layer, "gradient")
        assert measured.size == expected, layer
        assert measured.map.shape[0] >= 40
    occluded = ic.receptive_field(plain, "a", ic.Occlusion(window=3, step=1), seed=2)
    assert occluded.size == (3, 5)
    coarse = ic.receptive_field(plain, "b", "occlusion")
    expected = ic.receptive_field(plain, "b").size
    assert all(0 <= e - c <= 7 for c, e in zip(coarse.size, expected, strict=True))


def test_paths_that_meet(branching):
    field = ic.receptive_field(branching, "join")
    # 5 wide at stride 2 in the stem (3 wide), then 3 at stride 4.
    assert field.stride == (4, 4)
    assert field.size == (3 + 4 * 2 + 2 * 2, 3 + 4 * 2 + 2 * 2)
    assert ic.receptive_field(branching, "join", "gradient").size == field.size
    assert ic.receptive_field(branching, "shortcut").size == (11, 11)
    assert ic.receptive_field(branching, "narrow").size == (3, 3)


def test_the_centre_of_a_unit_is_where_its_gradient_lies(plain):
    field = ic.receptive_field(plain, "b")
    measured = ic.receptive_field(plain, "b", "gradient", unit=(0, 3, 4))
    expected = tuple(c + s * u for c, s, u in zip(field.centre, field.stride, (3, 4), strict=True))
    assert measured.centre == expected


def test_what_sees_everything(plain):
    field = ic.receptive_field(plain, "head")
    assert field.whole
    assert field.size == (40, 48)
    assert np.isnan(field.stride).all()


def test_effective_fields_lie_inside(plain, rng):
    images = ic.Stimuli.from_arrays(rng.uniform(size=(3, 40, 48, 3)))
    whole = ic.receptive_field(plain, "b").size
    part = ic.receptive_field(plain, "b", "effective", unit=2, images=images)
    assert all(p <= w for p, w in zip(part.size, whole, strict=True))
    assert part.map.shape == (40, 48)
    assert list(part.table()["method"]) == ["effective"]


@pytest.mark.parametrize("layer", ALEXNET)
def test_receptive_fields_of_alexnet(alexnet, layer):
    size, stride = ALEXNET[layer]
    by_arithmetic = ic.receptive_field(alexnet, layer)
    assert by_arithmetic.size == (size, size)
    assert by_arithmetic.stride == (stride, stride)
    assert ic.receptive_field(alexnet, layer, "gradient").size == (size, size)


def test_fields_of_other_networks():
    # By hand: 7, 11, then + 2 strides for each convolution: 43, 99, 211, 435.
    resnet = ic.load_network("resnet18", weights=None)
    assert ic.receptive_field(resnet, "layer4").size == (435, 435)
    assert ic.receptive_field(resnet, "fc").whole
    squeezenet = ic.load_network("squeezenet1_1", weights=None)
    # By hand: 3, 7 (pool 3 at stride 2), fire modules 15, 23, pool 31.
    assert ic.receptive_field(squeezenet, "features.5").size == (31, 31)


class Rearranged(nn.Module):
    """Channels last and back, channels apart and together, and a gate over all of space."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.apart = nn.Identity()
        self.last = nn.LayerNorm(4)
        self.back = nn.Identity()
        self.gate = nn.Identity()

    def forward(self, x):
        x = self.conv(torch.cat([x[:, 0].unsqueeze(1) * 2, x[:, 1:]], 1))
        x = self.apart(x - x.mean(1, keepdim=True))
        gated = self.gate(x * torch.sigmoid(x.mean((2, 3), keepdim=True)))
        return self.back(self.last(gated.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


def test_axes_that_are_rearranged():
    network = ic.load_network(Rearranged(), preprocessing=SHAPE)
    assert ic.receptive_field(network, "apart").size == (3, 3)
    assert ic.receptive_field(network, "gate").whole
    with pytest.raises(ic.UndefinedError, match="'Permute' does to positions is not known"):
        ic.receptive_field(network, "back")


def test_fields_of_the_orientation_network():
    network = ic.load_network("orientation_cnn")
    assert ic.receptive_field(network, "conv").size == (7, 7)
    pool = ic.receptive_field(network, "pool")
    assert (pool.size, pool.stride, pool.centre) == ((14, 14), (8, 8), (3.5, 3.5))
    assert ic.receptive_field(network, "pool", "gradient").size == (14, 14)
    assert ic.receptive_field(network, "fc").whole


def test_bad_fields(plain):
    with pytest.raises(ic.InputError, match="is not a layer of plain"):
        ic.receptive_field(plain, "nowhere")
    with pytest.raises(ic.InputError, match="Did you mean 'gradient'"):
        ic.receptive_field(plain, "a", "gradiant")
    with pytest.raises(ic.InputError, match="is no map of units in space"):
        ic.receptive_field(plain, "head", "gradient")
    with pytest.raises(ic.InputError, match="no channel 99; it has 4"):
        ic.receptive_field(plain, "a", "gradient", unit=99)
    with pytest.raises(ic.InputError, match=r"no unit \(0, 99, 0\)"):
        ic.receptive_field(plain, "a", "gradient", unit=(0, 99, 0))
    with pytest.raises(ic.InputError, match="at least 1 pixel"):
        ic.receptive_field(plain, "a", ic.Occlusion(window=0))


def test_operations_that_are_not_known():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.up = nn.ConvTranspose2d(3, 2, 3, stride=2)
            self.flip = nn.Identity()

        def forward(self, x):
            return self.flip(torch.flip(self.up(x), (2,)))

    network = ic.load_network(Odd(), preprocessing=SHAPE)
    with pytest.raises(ic.UndefinedError, match="transposed convolutions"):
        ic.receptive_field(network, "up")
    with pytest.raises(ic.UndefinedError, match="'Flip' does to positions is not known"):
        ic.receptive_field(network, "flip")
    assert set(RECEPTIVE_FIELDS) == {"theoretical", "gradient", "effective", "occlusion"}


# --- saliency --------------------------------------------------------------------------------


def captum_of(network, layer, unit, batch, method):
    """Captum used by itself, on the part of the network up to the layer."""
    attr = pytest.importorskip("captum.attr")

    class Part(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network.module

        def forward(self, x):
            kept = []
            hook = self.inner.get_submodule(layer).register_forward_hook(
                lambda m, i, o: kept.append(o)
            )
            self.inner(x)
            hook.remove()
            out = kept[0]
            return out[:, unit].mean((1, 2)) if isinstance(unit, int) else out[:, *unit]

    part = Part().eval()
    for each in part.modules():
        if hasattr(each, "inplace"):
            each.inplace = False
    if method == "gradient":
        return attr.Saliency(part).attribute(batch.requires_grad_(), abs=False)
    if method == "guided":
        with pytest.warns(UserWarning, match="backward hooks"):
            return attr.GuidedBackprop(part).attribute(batch.requires_grad_())
    torch.manual_seed(0)
    tunnel = attr.NoiseTunnel(attr.Saliency(part))
    spread = 0.15 * float((batch.max() - batch.min()).detach())
    return tunnel.attribute(
        batch.requires_grad_(),
        nt_type="smoothgrad",
        nt_samples=25,
        nt_samples_batch_size=5,
        stdevs=spread,
        abs=False,
    )


@pytest.mark.parametrize("method", SALIENCY_METHODS)
@pytest.mark.parametrize(("layer", "unit"), [("b", 1), ("norm", (3, 2, 4)), ("relu", 0)])
def test_saliency_equals_captum(plain, image, method, layer, unit):
    ours = ic.saliency(plain, image, layer, unit, method)
    batch = torch.from_numpy(image.transpose(2, 0, 1))[None]
    twin = ic.load_network(Plain().eval(), preprocessing=SHAPE)
    twin.module.load_state_dict(plain.module.state_dict())
    expected = captum_of(twin, layer, unit, batch.clone(), method)[0]
    np.testing.assert_allclose(ours.values, expected.detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(ours.map, np.abs(ours.values).max(0))
    assert ours.image.shape == ours.values.shape == (3, 40, 48)


def test_gradient_equals_finite_differences(plain, image):
    ours = ic.saliency(plain, image, "b", (2, 3, 3)).values
    x = image.astype(np.float64).transpose(2, 0, 1)
    twin = Plain().double().eval()
    twin.load_state_dict(plain.module.state_dict())

    def unit(pixels):
        with torch.no_grad():
            a = functional.max_pool2d(torch.relu(twin.a(torch.from_numpy(pixels)[None])), 2)
            return float(twin.b(a)[0, 2, 3, 3])

    for place in zip(*np.nonzero(ours), strict=True):
        step = np.zeros_like(x)
        step[place] = 1e-6
        slope = (unit(x + step) - unit(x - step)) / 2e-6
        assert ours[place] == pytest.approx(slope, rel=1e-3, abs=1e-5)
        if place[1] > 12:
            break


def test_the_network_is_left_as_it_was(plain, image):
    state = {k: v.clone() for k, v in plain.module.state_dict().items()}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for method in SALIENCY_METHODS:
        ic.saliency(plain, image, "b", 0, method)
    ic.optimal_stimulus(plain, "b", 0, steps=2)
    assert torch.equal(torch.get_rng_state(), before)
    assert plain.module.relu.inplace
    assert all(p.grad is None for p in plain.module.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in plain.module.modules())
    for name, value in plain.module.state_dict().items():
        assert torch.equal(value, state[name])


def test_an_image_may_be_a_file_or_stimuli(plain, image, tmp_path):
    from PIL import Image

    pixels = (image * 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    by_array = ic.saliency(plain, pixels, "b", 0)
    by_file = ic.saliency(plain, tmp_path / "x.png", "b", 0)
    np.testing.assert_array_equal(by_array.values, by_file.values)
    expected = plain.activations(by_array.image[None], "b")["b"][0, 0].mean()
    assert by_array.activation == pytest.approx(float(expected), rel=1e-5)


def test_bad_saliency(plain, branching, image, monkeypatch):
    with pytest.raises(ic.InputError, match="Did you mean 'guided'"):
        ic.saliency(plain, image, "b", 0, "guide")
    with pytest.raises(ic.InputError, match="no channel 6; it has 6"):
        ic.saliency(plain, image, "b", 6)
    with pytest.raises(ic.InputError, match="there are 2 stimuli"):
        ic.saliency(plain, ic.Stimuli.from_arrays([image, image]), "b", 0)
    with pytest.raises(ic.InputError, match="rectifiers that are modules"):
        ic.saliency(branching, image, "down", 0, "guided")
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(ic.MissingDependencyError, match="pip install"):
        ic.saliency(plain, image, "b", 0)


# --- optimal stimuli -------------------------------------------------------------------------


def test_an_optimal_stimulus_drives_its_unit_more_than_noise(plain, rng):
    best = ic.optimal_stimulus(plain, "b", 3, steps=40, learning_rate=0.1, regularizers=[])
    assert best.image.shape == (40, 48, 3)
    assert best.image.min() >= 0
    assert best.image.max() <= 1
    noise = rng.uniform(size=(20, 3, 40, 48)).astype(np.float32)
    output = plain.activations(noise, "b")["b"][:, 3]
    rectified = np.where(output > 0, output, 0.01 * output).mean((1, 2))
    assert best.activation > rectified.max()
    ours = plain.activations(best.image.transpose(2, 0, 1)[None], "b")["b"][0, 3]
    assert best.activation == pytest.approx(np.where(ours > 0, ours, 0.01 * ours).mean(), rel=1e-4)
    assert best.table().shape == (40, 3)
    assert len(best.stimuli()) == 1


def test_the_optimum_of_a_linear_filter_is_nearly_reached():
    network = ic.load_network("orientation_cnn")
    options = {"regularizers": [], "steps": 60, "learning_rate": 0.2}
    best = ic.optimal_stimulus(network, "conv", (0, 24, 32), **options)
    weights = network.module.conv.weight[0, 0].detach().numpy()
    # Of all images from 0 to 1, the best is white where the filter is positive.
    assert best.image.shape == (48, 64)
    assert best.activation > 0.85 * weights[weights > 0].sum()


def test_the_seed_rules(plain):
    one, two, three = (ic.optimal_stimulus(plain, "b", 1, steps=4, seed=s).image for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != three).any()


def test_penalties_are_their_formulas(rng):
    x = torch.from_numpy(rng.uniform(size=(1, 3, 5, 6)))
    values = x.numpy()
    penalties = ic.regularizers
    assert float(penalties.L1(2).penalty(x)) == pytest.approx(2 * np.abs(values - 0.5).mean())
    assert float(penalties.L2(3).penalty(x)) == pytest.approx(3 * ((values - 0.5) ** 2).mean())
    variation = np.abs(np.diff(values, axis=2)).mean() + np.abs(np.diff(values, axis=3)).mean()
    assert float(penalties.TotalVariation().penalty(x)) == pytest.approx(variation)


def test_transformations(rng):
    from scipy.ndimage import gaussian_filter

    x = torch.from_numpy(rng.uniform(size=(1, 2, 16, 18)))
    generator = torch.Generator().manual_seed(0)
    moved = ic.regularizers.Jitter(3).transform(x, generator)
    assert sorted(moved.ravel().tolist()) == sorted(x.ravel().tolist())
    blurred = ic.regularizers.Blur(1.5).transform(x, generator).numpy()
    expected = gaussian_filter(x.numpy()[0, 1], 1.5, mode="nearest", radius=4)
    np.testing.assert_allclose(blurred[0, 1], expected, atol=1e-3)


def test_more_penalty_makes_smoother_images(plain):
    def roughness(weight):
        penalty = [ic.regularizers.TotalVariation(weight)]
        image = ic.optimal_stimulus(plain, "b", 2, steps=15, regularizers=penalty).image
        return np.abs(np.diff(image, axis=0)).mean()

    assert roughness(50.0) < roughness(0.0)


def test_bad_optimal_stimuli(plain):
    with pytest.raises(ic.InputError, match="at least 1 step"):
        ic.optimal_stimulus(plain, "b", 0, steps=0)
    with pytest.raises(ic.InputError, match="no channel 17"):
        ic.optimal_stimulus(plain, "b", 17)
    with pytest.raises(ic.InputError, match="is no regularizer"):
        ic.optimal_stimulus(plain, "b", 0, regularizers=["L2"])


# --- top stimuli -----------------------------------------------------------------------------


def test_top_stimuli_equal_a_sort(plain, rng):
    stimuli = ic.Stimuli.from_arrays(rng.uniform(size=(12, 40, 48, 3)).astype(np.float32))
    batch = np.stack([a.transpose(2, 0, 1) for a in stimuli.sources])
    maps = plain.activations(batch, "b")["b"]
    units = {
        "channel": np.repeat(np.arange(maps.shape[1]), maps[0, 0].size),
        "row": np.tile(np.repeat(np.arange(maps.shape[2]), maps.shape[3]), maps.shape[1]),
        "col": np.tile(np.arange(maps.shape[3]), maps.shape[1] * maps.shape[2]),
    }
    layer = ic.Responses(maps.reshape(12, -1), stimuli.names, units, {"layer": "b"})
    top = ic.top_stimuli({"b": layer}, "b", 2, n=4)
    strongest = maps[:, 2].max((1, 2))
    order = np.argsort(-strongest)[:4]
    assert list(top.tables["stimulus"]["stimulus"]) == [stimuli.names[i] for i in order]
    np.testing.assert_allclose(top.values, strongest[order])
    first = top.tables["stimulus"].iloc[0]
    assert maps[order[0], 2, first["row"], first["col"]] == pytest.approx(strongest[order[0]])
    mean = ic.top_stimuli(layer, None, 2, n=3, over_space="mean")
    np.testing.assert_allclose(mean.values, np.sort(maps[:, 2].mean((1, 2)))[::-1][:3], rtol=1e-5)
    single = ic.top_stimuli(layer, None, (2, 1, 3), n=99)
    np.testing.assert_allclose(single.values, np.sort(maps[:, 2, 1, 3])[::-1])


def test_top_stimuli_of_a_store_of_alexnet(alexnet, tmp_path, shared):
    stimuli = ic.Stimuli.from_folder(shared / "data" / "images92" / "images").take(range(0, 24, 2))
    store = ic.extract(alexnet, stimuli, layers=["conv5"], into=tmp_path / "a.zarr")
    top = ic.top_stimuli(store, "conv5", 7, n=3)
    assert set(top.tables["stimulus"].columns) == {"stimulus", "rank", "row", "col"}
    assert (np.diff(top.values) <= 0).all()


def test_bad_top_stimuli(rng):
    layer = ic.Responses(rng.normal(size=(5, 4)))
    with pytest.raises(ic.InputError, match="there is no layer 'x'; there are 'y'"):
        ic.top_stimuli({"y": layer}, "x", 0)
    with pytest.raises(ic.InputError, match="no unit 9 among the 4"):
        ic.top_stimuli(layer, None, 9)
    with pytest.raises(ic.InputError, match="n must be at least 1"):
        ic.top_stimuli(layer, None, 0, n=0)
    with pytest.raises(ic.InputError, match="needs a Store"):
        ic.top_stimuli([1, 2], "x", 0)
    with pytest.raises(ic.InputError, match="Did you mean 'max'"):
        ic.top_stimuli(layer, None, 0, over_space="mac")


# --- ablation --------------------------------------------------------------------------------


def test_ablated_channels_are_silent_and_the_original_is_not(plain, rng):
    batch = rng.normal(size=(2, 3, 40, 48)).astype(np.float32)
    before = plain.activations(batch, ["a", "b"])
    without = ic.ablate(plain, "a", [1, 3])
    after = without.activations(batch, ["a", "b"])
    assert (after["a"][:, [1, 3]] == 0).all()
    np.testing.assert_array_equal(after["a"][:, [0, 2]], before["a"][:, [0, 2]])
    assert (after["b"] != before["b"]).any()
    np.testing.assert_array_equal(plain.activations(batch, "a")["a"], before["a"])
    assert without.name == "plain without 2 of a"
    assert without.identity()["weights"] != plain.identity()["weights"]


def test_ablating_a_norm_and_a_transposed_convolution(plain, rng):
    batch = rng.normal(size=(1, 3, 40, 48)).astype(np.float32)
    assert (ic.ablate(plain, "norm", 4).activations(batch, "norm")["norm"][:, 4] == 0).all()
    up = ic.load_network(nn.ConvTranspose2d(3, 5, 3), preprocessing=SHAPE)
    with pytest.raises(ic.InputError):
        ic.ablate(up, "nothing", 1)
    net = ic.load_network(nn.Sequential(nn.ConvTranspose2d(3, 5, 3)), preprocessing=SHAPE)
    assert (ic.ablate(net, "0", 2).activations(batch, "0")["0"][:, 2] == 0).all()


def test_bad_ablation(plain):
    with pytest.raises(ic.InputError, match=r"\(ReLU\) has no weights .* 'a', 'b', 'norm', 'head'"):
        ic.ablate(plain, "relu", 0)
    with pytest.raises(ic.InputError, match="has 4 channels, counted from 0; there is no 4"):
        ic.ablate(plain, "a", [0, 4])
    with pytest.raises(ic.InputError, match="must be whole numbers"):
        ic.ablate(plain, "a", [])
    with pytest.raises(ic.InputError, match="is not a layer"):
        ic.ablate(plain, "z", 0)


# --- a module as courses write it: pictures come in without an axis of channels ---------------


class Course(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 7, padding=3)
        self.pool = nn.MaxPool2d(8)
        self.out = nn.Linear(288, 1)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x.unsqueeze(1))))
        return torch.sigmoid(self.out(x.view(-1, 288)))


def test_every_verb_takes_a_module_without_an_axis_of_channels(tmp_path):
    network = ic.load_network(Course(), preprocessing=lambda pixels: pixels)
    stimuli = ic.gratings(np.linspace(-80, 80, 10))
    ic.train(network, stimuli, stimuli.table["orientation"] > 0, epochs=1)
    assert network.layers == ("conv", "pool", "out")
    store = ic.extract(network, stimuli, layers=["pool"], into=tmp_path / "a.zarr")
    assert store["pool"].n_units == 288
    assert ic.receptive_field(network, "pool").size == (14, 14)
    assert ic.receptive_field(network, "pool", "gradient").size == (14, 14)
    assert ic.saliency(network, stimuli.read(0), "conv", 1).map.shape == (48, 64)
    assert ic.optimal_stimulus(network, "conv", 1, steps=2).image.shape == (48, 64)
    assert ic.ablate(network, "conv", 1).layers == network.layers


def test_results_are_short_in_words(plain, image):
    for each in (
        ic.saliency(plain, image, "b", 0),
        ic.optimal_stimulus(plain, "b", 0, steps=1),
        ic.receptive_field(plain, "b", "gradient"),
    ):
        assert len(repr(each)) < 300
        assert "array" not in repr(each)
