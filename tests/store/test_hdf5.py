"""HDF5 files are whole or not there, and a full disk is one sentence in one line."""

import resource
import signal
from collections.abc import Iterator

import h5py
import numpy as np
import pytest

import isocortex as ic
from isocortex.formats.mat.files import write_array
from isocortex.store.hdf5 import whole_hdf5


@pytest.fixture
def little_room() -> Iterator[None]:
    """A limit of the size of files stands for the disk: both end a write in its middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("kind", ["whole", "chunks", "many"])
def test_a_full_disk_is_one_sentence(tmp_path, rng, little_room, kind):
    values = rng.normal(size=(100, 100))

    def write():
        with whole_hdf5(tmp_path / "a.h5") as file:
            for i in range(30 if kind == "many" else 1):
                chunks = (10, 10) if kind == "chunks" else None
                file.create_dataset(str(i), data=values, chunks=chunks)

    with pytest.raises(ic.StorageError, match="^[^\n]*cannot be written: File too large[^\n]*$"):
        write()
    assert not list(tmp_path.iterdir())


def test_writers_on_a_full_disk(tmp_path, rng, little_room):
    responses = ic.Responses(rng.normal(size=(60, 100)), range(60), labels={"layer": "a"})
    with pytest.raises(ic.StorageError, match="File too large"):
        ic.write_act_h5(responses, tmp_path / "x.act.h5")
    with pytest.raises(ic.StorageError, match="File too large"):
        write_array(tmp_path / "x.mat", rng.normal(size=(60, 100)), "feat")
    assert not list(tmp_path.iterdir())


def test_an_error_of_ones_own_leaves_nothing(tmp_path):
    with pytest.raises(KeyError, match="mine"), whole_hdf5(tmp_path / "a.h5"):
        raise KeyError("mine")
    assert not list(tmp_path.iterdir())


def test_a_user_block_stands_before_all(tmp_path):
    with whole_hdf5(tmp_path / "a.h5", b"x" * 512) as file:
        file["a"] = [1, 2]
    assert (tmp_path / "a.h5").read_bytes().startswith(b"x" * 512)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["a"][:].tolist() == [1, 2]
        assert np.dtype(file["a"].dtype).kind == "i"
