import pytest

import isocortex as ic


def test_the_pass_ends_with_the_last_layer(small, stimuli):
    called = []
    small.module.fc.register_forward_hook(lambda *_: called.append(1))
    ic.extract(small, stimuli, ["conv1"])
    assert called == []


def test_hooks_are_gone_and_modes_back_even_after_an_error(small, stimuli):
    small.module.train()
    small.module.relu2.register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ic.InputError, match="ZeroDivisionError: division by zero"):
        ic.extract(small, stimuli, ["conv1", "fc"])
    assert small.module.training
    assert not small.module.conv1._forward_hooks
    assert not small.module.fc._forward_hooks
