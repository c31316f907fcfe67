import pytest

import isocortex as ic
from isocortex.networks.zoo.isocortex import OWN, UNTRAINED


@pytest.mark.parametrize("name", OWN.names())
def test_each_name_is_loaded_with_a_preprocessing_of_its_own(name):
    network = ic.load_network(name, None)
    assert isinstance(network.preprocessing, ic.Preprocessing)
    assert network.layers


@pytest.mark.parametrize("name", UNTRAINED)
def test_what_the_user_trains_starts_with_weights_of_its_own(name):
    assert ic.load_network(name).layers == ic.load_network(name, None).layers


def test_what_was_trained_elsewhere_says_where_weights_go():
    with pytest.raises(ic.NotFoundError, match="cifar10_resnet20.*Give weights= the path"):
        ic.load_network("cifar10_resnet20")
