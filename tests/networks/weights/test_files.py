import pytest
import torch
from safetensors.torch import save_file

import isocortex as ic


def test_weights_come_from_a_file_or_a_folder(tmp_path, twice):
    trained = twice()
    torch.save(
        {"state_dict": {f"module.{k}": v for k, v in trained.state_dict().items()}},
        tmp_path / "a.pth",
    )
    (tmp_path / "folder").mkdir()
    save_file(trained.state_dict(), tmp_path / "folder" / "model.safetensors")
    for path in (tmp_path / "a.pth", str(tmp_path / "folder")):
        loaded = ic.load_network(twice(), path)
        assert torch.equal(loaded.module.conv.weight, trained.conv.weight)
        assert not loaded.missing


def test_weights_that_cannot_be_read(tmp_path):
    with pytest.raises(ic.NotFoundError, match="no weights at"):
        ic.load_network("alexnet", tmp_path / "nowhere")
    with pytest.raises(ic.NotFoundError, match="has no weights"):
        ic.load_network("alexnet", tmp_path)
    (tmp_path / "bad.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(ic.FormatError, match=r"bad\.pth.*cannot be read as weights"):
        ic.load_network("alexnet", tmp_path / "bad.pth")
    (tmp_path / "cut.safetensors").write_bytes(b"\x20\0\0\0\0\0\0\0{")
    with pytest.raises(ic.FormatError, match="is not a safetensors file, or is truncated"):
        ic.load_network("alexnet", tmp_path / "cut.safetensors")
    (tmp_path / "worse.pth").write_bytes(b"")
    (tmp_path / "cut.safetensors").unlink()
    with pytest.raises(ic.InputError, match="has 2 files of weights"):
        ic.load_network("alexnet", tmp_path)


def test_a_pickled_module_is_not_executed(tmp_path, twice):
    torch.save(twice(), tmp_path / "whole.pth")
    with pytest.raises(ic.FormatError, match="state_dict of plain tensors"):
        ic.load_network("alexnet", tmp_path / "whole.pth")
