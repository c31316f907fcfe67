from enum import Enum

import numpy as np
import pytest
import torch

from isocortex.networks.identity.fingerprint import Fingerprint, bytes_of, digest


def text(value):
    found = Fingerprint()
    found.add("", "", value)
    return digest(f"{key}={each}" for key, each in found.slots.items())


class Colour(Enum):
    RED = 1
    BLUE = 2


class Held:
    def __init__(self, value):
        self.value = value


PAIRS = {
    "numbers": (1, 1.0),
    "words": ("a", "b"),
    "lists": ([1, 2], (1, 2)),
    "nested": ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}),
    "arrays": (np.zeros(4), np.zeros((2, 2))),
    "types of arrays": (np.zeros(4, np.float32), np.zeros(4, np.int32)),
    "tensors": (torch.zeros(3), torch.tensor([0.0, 0.0, 1e-30])),
    "types": (torch.float16, torch.bfloat16),
    "members": (Colour.RED, Colour.BLUE),
    "objects": (Held(1), Held(2)),
    "functions": (lambda x: x + 1, lambda x: x + 2),
}


@pytest.mark.parametrize("case", PAIRS)
def test_what_differs_has_another_text_and_what_is_equal_the_same(case):
    one, other = PAIRS[case]
    assert text(one) != text(other)
    assert text(one) == text(one)


def test_the_order_of_sets_and_of_keys_does_not_matter():
    assert text({"a", "b", "c"}) == text({"c", "b", "a"})
    assert text({"a": 1, "b": 2}) == text({"b": 2, "a": 1})


def test_what_contains_itself_comes_to_an_end():
    ring = Held(None)
    ring.value = [ring]
    assert text(ring) == text(ring)


def test_texts_are_kept_apart_in_a_digest():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest(["\ud800"]) != digest([""])


def test_bytes_are_those_of_the_numbers_in_their_order():
    x = torch.arange(6.0).reshape(2, 3)
    assert bytes(bytes_of(x)) == x.numpy().tobytes()
    assert bytes(bytes_of(x.T)) == np.ascontiguousarray(x.numpy().T).tobytes()
    assert bytes(bytes_of(torch.empty(0))) == b""
