import pytest
from torch import nn

import isocortex as ic


def test_a_module_whose_input_cannot_be_guessed():
    class Odd(nn.Module):
        def forward(self, x):
            raise RuntimeError("never")

    with pytest.raises(ic.InputError, match="shape of this module's input could not be found"):
        _ = ic.load_network(Odd()).layers
