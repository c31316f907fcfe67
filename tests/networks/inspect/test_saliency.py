import sys

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.inspect.saliency import SALIENCY_METHODS


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
def test_saliency_equals_captum(plain, image, method, layer, unit, plain_module, shape):
    ours = ic.saliency(plain, image, layer, unit, method)
    batch = torch.from_numpy(image.transpose(2, 0, 1))[None]
    twin = ic.load_network(plain_module().eval(), preprocessing=shape)
    twin.module.load_state_dict(plain.module.state_dict())
    expected = captum_of(twin, layer, unit, batch.clone(), method)[0]
    np.testing.assert_allclose(ours.values, expected.detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(ours.map, np.abs(ours.values).max(0))
    assert ours.image.shape == ours.values.shape == (3, 40, 48)


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
