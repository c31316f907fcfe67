import os
import socket

import pytest

from isocortex.networks.zoo.hub import no_waiting

constants = pytest.importorskip("huggingface_hub.constants")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def unknown(*_):
    raise socket.gaierror("Name or service not known")


def test_without_a_network_only_the_cache_is_asked(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with no_waiting():
        assert constants.HF_HUB_OFFLINE
    assert not constants.HF_HUB_OFFLINE


def test_with_a_network_or_a_proxy_the_hub_is_asked(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [()])
    with no_waiting():
        assert not constants.HF_HUB_OFFLINE
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    with no_waiting():
        assert not constants.HF_HUB_OFFLINE


def interrupted():
    with no_waiting():
        assert constants.HF_HUB_OFFLINE
        raise KeyError


def test_what_the_user_chose_comes_back_also_after_an_error(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [()])
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(KeyError):
        interrupted()
    assert constants.HF_HUB_OFFLINE
