"""Every source of named networks: its names, its networks, and the command line that knows it."""

import pytest

import isocortex as ic
from isocortex.cli.info import _is_path
from isocortex.networks.zoo.known import SOURCES

each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.title)


def test_sources_have_titles_of_their_own():
    assert len({source.title for source in SOURCES}) == len(SOURCES)


@each
def test_a_source_builds_what_it_names_and_is_reached_by_its_title(source):
    names = source.names()
    if not names:
        pytest.skip(f"{source.title} is not installed")
    name = min(names, key=lambda name: (name != "squeezenet1_1", name != "resnet10t", name))
    network = ic.load_network(f"{source.title}/{name}", weights=None)
    assert (network.name, network.weights) == (name, "random, seed 0")
    assert network.layers
    assert not _is_path(f"{source.title}/{name}")


@each
def test_a_name_that_a_source_lacks_is_told_by_its_title(source):
    with pytest.raises(ic.InputError, match=f"'no_such_net' is not.*{source.title}"):
        ic.load_network(f"{source.title}/no_such_net", weights=None)
