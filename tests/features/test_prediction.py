import pytest

import isocortex as ic


def test_surprisal_needs_a_network_that_reads():
    network = ic.load_network("cifar10_resnet20", weights=None)
    words = ic.Stimuli.from_words({"word": ["a", "b"], "onset": [0, 1], "offset": [1, 2]})
    with pytest.raises(ic.InputError, match="surprisal needs a network that reads text; cifar10"):
        ic.features.surprisal(network, words)
