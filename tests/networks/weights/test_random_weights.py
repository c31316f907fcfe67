import torch

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision


def test_random_weights_follow_their_seed():
    one, same, other = (ic.load_network("squeezenet1_1", None, seed=s) for s in (3, 3, 4))
    key = "features.0.weight"
    first = one.module.state_dict()[key]
    assert torch.equal(first, same.module.state_dict()[key])
    assert not torch.equal(first, other.module.state_dict()[key])


def test_a_seed_leaves_the_global_generator_alone_and_none_uses_it():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    ic.load_network("squeezenet1_1", None, seed=3)
    assert torch.equal(before, torch.get_rng_state())
    from_global = ic.load_network("squeezenet1_1", None, seed=None)
    assert not torch.equal(before, torch.get_rng_state())
    torch.manual_seed(5)
    plain = torchvision().models.squeezenet1_1(weights=None)
    key = "features.0.weight"
    assert torch.equal(from_global.module.state_dict()[key], plain.state_dict()[key])
