import pytest
import torch
from safetensors.torch import save_file

import isocortex as ic


def test_a_module_stays_as_it_is_unless_weights_are_asked_for(twice):
    module = twice()
    before = module.fc.weight.clone()
    assert ic.load_network(module).module is module
    fresh = ic.load_network(module, None, seed=9)
    assert fresh.module is not module
    assert not torch.equal(fresh.module.fc.weight, before)
    assert torch.equal(module.fc.weight, before)


def test_what_depends_on_missing_weights_is_absent_and_says_why(tmp_path, twice):
    state = {k: v for k, v in twice().state_dict().items() if not k.startswith("conv.")}
    save_file(state, tmp_path / "part.safetensors")
    network = ic.load_network(twice(), tmp_path / "part.safetensors")
    assert network.layers == ("stem.0", "stem.1")
    assert network.missing == ("conv.weight", "conv.bias")
    with pytest.raises(ic.InputError, match=r"cannot give 'fc'.*conv\.weight.*last layer.*stem\.1"):
        network.select("fc")
    with pytest.raises(ic.InputError, match="'nothing' is not a layer"):
        network.select("nothing")


def test_weights_that_do_not_fit_name_the_keys(tmp_path, twice):
    state = twice().state_dict()
    save_file({**state, "extra.weight": torch.zeros(2)}, tmp_path / "more.safetensors")
    with pytest.raises(ic.InputError, match=r"1 names that the network lacks \('extra\.weight'\)"):
        ic.load_network(twice(), tmp_path / "more.safetensors")
    save_file({**state, "fc.weight": torch.zeros(3, 3)}, tmp_path / "shape.safetensors")
    with pytest.raises(ic.InputError, match=r"fc\.weight \(3, 3\) instead of \(2, 5\)"):
        ic.load_network(twice(), tmp_path / "shape.safetensors")


def test_unknown_networks():
    with pytest.raises(ic.InputError, match="'alexnt' is not a network.*Did you mean 'alexnet'"):
        ic.load_network("alexnt")
    with pytest.raises(ic.InputError, match="needs a name, a folder or a torch.nn.Module, not int"):
        ic.load_network(3)
