"""Files of weights carry a checksum over every byte; a full disk is a sentence."""

import resource
import signal

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import isocortex as ic
from isocortex.networks.weights.files import read_checkpoint


@pytest.fixture
def path(small, tmp_path):
    return ic.save_weights(small, tmp_path / "w.safetensors")


def test_what_is_saved_is_read_here_and_by_safetensors(small, path):
    kept = small.module.state_dict()
    for found in (read_checkpoint(path), load_file(path)):
        assert all(torch.equal(found[name], kept[name]) for name in kept)


def test_a_flip_of_any_bit_of_saved_weights_is_found(small, path, rng):
    kept = small.module.state_dict()
    whole = np.fromfile(path, np.uint8)
    head = 8 * (8 + int(whole[:8].view("<u8")[0]))
    bits = np.r_[rng.integers(head, size=200), rng.integers(8 * len(whole), size=200)]
    for bit in bits:
        turned = whole.copy()
        turned[bit // 8] ^= 1 << bit % 8
        turned.tofile(path)
        try:
            found = read_checkpoint(path)
        except ic.FormatError:
            continue
        # Only the name of the checksum may be lost unseen: then it is a file like others'.
        assert b"isocortex_crc32c" not in turned.tobytes()
        assert all(torch.equal(found[name], kept[name]) for name in kept)


def test_files_of_others_have_no_checksum_and_are_read(tmp_path):
    save_file({"a": torch.arange(3)}, tmp_path / "a.safetensors", metadata={"format": "pt"})
    assert torch.equal(read_checkpoint(tmp_path / "a.safetensors")["a"], torch.arange(3))


def test_a_disk_that_is_full_is_a_sentence(small, tmp_path, monkeypatch):
    """A limit of the size of files stands for the disk: both end a write in its middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ic.StorageError, match="cannot be written: File too large. Is the di"):
            ic.save_weights(small, tmp_path / "w.safetensors")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert not list(tmp_path.iterdir())
