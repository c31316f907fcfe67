"""Names of networks are told from paths before a library is loaded or a hub is asked."""

import subprocess
import sys

import pytest

import isocortex as ic
from isocortex.networks.zoo.names import check_network_name

NAMES = ["alexnet", "resnet50.a1_in1k", "timm/resnet18", "google/vit-base-patch16-224", "bert-base"]
NAMES += ["transformers/google/vit-base", "transformers/gpt2", "cifar10_resnet20", "a/b.c_d-e"]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_may_be_a_name_is_one(name):
    check_network_name(name)


@pytest.mark.parametrize(
    "name", ["nope/", "./nope", "../x/y", "/no/where", "~/nope", "a\\b", "C:x", "x.pth", "a/b.ckpt"]
)
def test_paths_of_nothing_are_told_as_such(name):
    with pytest.raises(ic.NotFoundError, match="There is no file or folder"):
        check_network_name(name)


@pytest.mark.parametrize("name", ["a b", "a/b/c", "alex?net", "-x", "a//b", "x" * 200])
def test_what_no_network_can_be_called_is_told(name):
    with pytest.raises(ic.InputError, match="no name of a network"):
        check_network_name(name)


def test_what_is_there_is_left_to_its_loader(tmp_path):
    (tmp_path / "a b").mkdir()
    check_network_name(str(tmp_path / "a b"))


@pytest.mark.parametrize("name", ["nope/", "a/b/c"])
def test_no_hub_is_asked_for_them(monkeypatch, name):
    monkeypatch.setattr("isocortex.networks.zoo.transformers.from_name", None)
    with pytest.raises((ic.NotFoundError, ic.InputError), match="There is no|no name of a network"):
        ic.load_network(name, weights=None)


def test_no_network_library_is_loaded_for_it():
    code = (
        "import sys; from isocortex.networks.zoo.names import check_network_name\n"
        "check_network_name('alexnet'); print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
