import pytest
import torch

from isocortex.errors import InputError
from isocortex.networks.weights.checkpoint_parts import (
    beginnings,
    chosen_part,
    dictionaries,
    find_parts,
)

OWN = {
    "conv.weight": torch.zeros(4, 3),
    "fc.weight": torch.zeros(2, 4),
    "fc.bias": torch.zeros(2),
    "norm.num_batches_tracked": torch.zeros(()),
}


def state(value=1.0, **changes):
    return {k: torch.full_like(v, value) for k, v in OWN.items()} | changes


def test_every_dictionary_with_tensors_is_found_with_its_keys():
    content = {"epoch": 3, "nets": [state(), {"ema": state()}], "optim": {"m": torch.ones(1)}}
    paths = [path for path, _ in dictionaries(content)]
    assert paths == [("nets", "0"), ("nets", "1", "ema"), ("optim",)]


@pytest.mark.parametrize("prefix", ["", "module.", "encoder.backbone."])
def test_prefixes_are_taken_off(prefix):
    content = {"state_dict": {prefix + k: v for k, v in state().items()}, "lr": 0.1}
    (part,) = find_parts(content, OWN)
    assert part.prefix == prefix
    assert part.name == ".".join(["state_dict", *prefix.split(".")]).rstrip(".")
    assert set(part.fitting) == set(OWN)
    assert (part.wrong, part.unknown, part.missing) == ([], [], ())


def test_an_optimizer_holds_no_weights():
    assert find_parts({"optimizer": state()}, OWN) == []


def test_what_is_wrong_missing_exchanged_or_unknown_is_told_apart():
    content = state(
        **{"fc.weight": torch.zeros(9, 4), "fc.scale": torch.ones(1), "odd": torch.ones(1)}
    )
    del content["fc.bias"], content["norm.num_batches_tracked"]
    (part,) = find_parts(content, OWN)
    assert part.wrong == ["fc.weight"]
    assert part.missing == ("fc.bias",)
    assert part.heads == ["fc.scale"]
    assert part.unknown == ["odd"]


def test_of_two_that_fit_the_wanted_one_is_taken_and_equal_ones_are_one():
    parts = find_parts({"teacher": state(1.0), "student": state(2.0)}, OWN)
    with pytest.raises(InputError, match="2 sets of weights that fit.*'teacher', 'student'"):
        chosen_part(parts, None, "w.pth")
    assert chosen_part(parts, "student", "w.pth").tensors["fc.bias"][0] == 2
    with pytest.raises(InputError, match="no part 'studnt'.*Did you mean 'student'"):
        chosen_part(parts, "studnt", "w.pth")
    same = find_parts({"teacher": state(), "student": state()}, OWN)
    assert chosen_part(same, None, "w.pth") is same[0]


def test_names_of_old_densenet_files_are_read():
    own = {"denselayer1.norm1.weight": torch.zeros(3)}
    (part,) = find_parts({"denselayer1.norm.1.weight": torch.ones(3)}, own)
    assert list(part.fitting) == ["denselayer1.norm1.weight"]


def test_the_beginnings_of_names_are_told():
    told = beginnings({"model": state()})
    assert told == "in part 'model' the 4 names begin with 'conv', 'fc', 'norm'"
