import sys

import pytest

import isocortex as ic


def test_default_weights_without_a_network(monkeypatch):
    from urllib.error import URLError

    from torch import hub

    def offline(*_args, **_kwargs):
        raise URLError("no route")

    monkeypatch.setattr(hub, "load_state_dict_from_url", offline)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(ic.NotFoundError, match="could not be fetched.*Are you offline"):
        ic.load_network("squeezenet1_1")
    with pytest.raises(ic.NotFoundError, match="no weights that could be downloaded"):
        ic.load_network("cifar10_resnet20")


def test_a_library_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        ic.InputError, match=r"timm is not installed: pip install 'isocortex\[timm\]'"
    ):
        ic.load_network("tf_efficientnet_lite0", weights=None)
