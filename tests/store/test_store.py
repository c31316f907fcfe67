import json

import numpy as np
import pytest
import zarr
from zarr import open_array

import isocortex as ic
from isocortex.arrays import BLOCK_BYTES, BLOCK_WIDTH, column_blocks
from isocortex.store.documents import seal_file
from isocortex.store.layout import layout_for, read_block, state, write_batch
from isocortex.store.lazy import LazyMatrix
from isocortex.store.record import (
    layer_path,
)

N, P = 23, 60


@pytest.fixture
def values(rng):
    return rng.normal(size=(N, P)).astype(np.float32)


@pytest.fixture
def store(make, tmp_path, values):
    return make(tmp_path / "s.zarr", values, width=16)


INDICES = [
    np.s_[:],
    np.s_[3],
    np.s_[-1],
    np.s_[2:9],
    np.s_[::-1],
    np.s_[20:3:-4],
    np.s_[:, 5],
    np.s_[:, 5:40],
    np.s_[:, ::-7],
    np.s_[..., 3],
    np.s_[4, ...],
    np.s_[7:3, :],
    np.s_[:, 9:9],
    np.s_[[4, 4, 0, 22]],
    np.s_[[4, 1], 10:30],
    np.s_[3:9, [50, 2, 2]],
    np.s_[[1, 2, 3], [7, 8, 9]],
    np.s_[np.arange(N) % 3 == 0],
    np.s_[2, 3],
    np.s_[-3:, -20:],
    np.s_[[], 2:5],
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing_is_that_of_numpy(store, values, index):
    np.testing.assert_array_equal(store["conv1"].values[index], values[index])


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing_where_stimuli_share_rows(make, tmp_path, values, index):
    rows = tuple(np.r_[np.arange(15), [0, 3, 3], np.arange(15, 20)].tolist())
    shared = make(tmp_path / "s.zarr", values[:20], rows=rows)
    np.testing.assert_array_equal(shared["conv1"].values[index], values[:20][list(rows)][index])


def test_bad_indices(store):
    lazy = store["conv1"].values
    for index in (N, (0, P), [0, N], np.ones(3, bool), (0, 0, 0), [0.5]):
        with pytest.raises(IndexError):
            lazy[index]


def test_it_looks_like_a_matrix(store, values):
    lazy = store["conv1"].values
    assert isinstance(lazy, LazyMatrix)
    assert (lazy.shape, lazy.dtype, lazy.ndim, len(lazy)) == ((N, P), np.float32, 2, N)
    assert (lazy.size, lazy.nbytes, lazy.chunk_columns) == (N * P, N * P * 4, 16)
    np.testing.assert_array_equal(np.asarray(lazy, dtype=np.float64), values.astype(np.float64))
    assert "on disk" in repr(lazy)
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(lazy, copy=False)


def test_zarr_reads_it_too(store, values):
    array = open_array(str(layer_path(store.path, "features.0")), mode="r")
    np.testing.assert_array_equal(array[:], values)
    group = zarr.open_group(str(store.path), mode="r")
    np.testing.assert_array_equal(group["layers/features.0"][2:7, 10:20], values[2:7, 10:20])


@pytest.mark.parametrize("n", [1, 7, 64, 5000])
@pytest.mark.parametrize("p", [1, 1000, 193_600])
def test_layouts_hold_everything_with_little_waste(n, p):
    layout = layout_for(n, p, min(n, 64), np.float32)
    assert layout.n_chunks * layout.width >= p
    assert layout.n_chunks * layout.width - p < max(layout.n_chunks, 2)
    assert n * layout.width * 8 <= BLOCK_BYTES or layout.width <= BLOCK_WIDTH
    assert layout.rows_of(layout.n_batches - 1).stop == n


def test_names_units_and_labels(store):
    layer = store["conv1"]
    assert store["features.0"].labels == store["first"].labels == layer.labels
    assert layer.labels == {"network": "net", "layer": "conv1"}
    units = layer.units
    assert list(units) == ["channel", "row", "col"]
    assert units.iloc[7].tolist() == [1, 1, 1]
    assert len(units) == P
    assert (store.network, store.stimuli[:2], store.layers) == ("net", ("s0", "s1"), ("conv1",))
    assert "conv9" not in store
    assert store.only("features.0").layers == ("features.0",)
    with pytest.raises(ic.InputError, match="'conv2' is not in the store.*Did you mean 'conv1'"):
        store["conv2"]


def test_a_gram_is_computed_once_and_kept(store, values, monkeypatch):
    expected = values.astype(np.float64) @ values.T.astype(np.float64)
    first = ic.gram(store["conv1"])
    np.testing.assert_allclose(first.matrix, expected, rtol=1e-12, atol=1e-12)

    def never(*_where):
        raise AssertionError("The matrix is read again.")

    monkeypatch.setattr(LazyMatrix, "__getitem__", never)
    again = ic.gram(ic.Store(store.path)["conv1"])
    np.testing.assert_array_equal(again.matrix, first.matrix)
    np.testing.assert_array_equal(again.row_sums, first.row_sums)


def test_a_store_that_cannot_be_written_to_is_still_read(store, values, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("zarr.create_array", refuse)
    matrix = ic.gram(store["conv1"]).matrix
    np.testing.assert_allclose(matrix, values.astype(float) @ values.T.astype(float), rtol=1e-9)
    assert store["conv1"].values.kept_gram() is None


def test_a_damaged_gram_is_refused(store):
    ic.gram(store["conv1"])
    (data,) = (store.path / "grams" / "features.0").glob("c/*/*")
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(ic.FormatError, match="Gram matrix in .* is damaged"):
        ic.gram(store["conv1"])


def test_a_layer_is_never_read_as_a_whole(make, tmp_path, rng, monkeypatch):
    values = rng.normal(size=(40, 3000)).astype(np.float32)
    lazy = make(tmp_path / "s.zarr", values, width=100)["conv1"].values
    widths = []

    def counted(folder, layout, batches, first, stop):
        widths.append(stop - first)
        return read_block(folder, layout, batches, first, stop)

    monkeypatch.setattr("isocortex.store.lazy.read_block", counted)
    blocks = [block for _, block in column_blocks(lazy, width=220)]
    assert max(widths) == 200
    np.testing.assert_array_equal(np.hstack(blocks), values)


def test_other_versions(store):
    file = store.path / "zarr.json"
    content = json.loads(file.read_text())
    content["attributes"]["isocortex"]["format"] = 99
    file.write_text(json.dumps(content))
    seal_file(file)
    with pytest.raises(ic.FormatError, match="has format 99; this version"):
        ic.Store(store.path)
    del content["attributes"]["isocortex"]["stimuli"]
    content["attributes"]["isocortex"]["format"] = 2
    file.write_text(json.dumps(content))
    seal_file(file)
    with pytest.raises(ic.FormatError, match="is damaged: it lacks 'stimuli'"):
        ic.Store(store.path)


def test_a_store_of_version_0_1_had_no_checksums_and_says_so(store):
    file = store.path / "zarr.json"
    content = json.loads(file.read_text())
    own = content["attributes"]["isocortex"]
    content["attributes"] = {"isocortex": {**own, "format": 1}}
    file.write_text(json.dumps(content))
    with pytest.raises(ic.FormatError, match="has format 1; .* reads format 2, which has checksum"):
        ic.Store(store.path)


def test_files_lost_after_opening(store):
    lazy = store["conv1"].values
    layout = lazy._layout
    assert state(layer_path(store.path, "features.0"), layout) == ([], [])
    (layer_path(store.path, "features.0") / "c" / "1" / "0").unlink()
    with pytest.raises(ic.FormatError, match="file of batch 1 .rows 5 to 9.*: it is missing"):
        lazy[:]


def test_two_may_write_the_same(make, tmp_path, values):
    one = make(tmp_path / "s.zarr", values)
    layout = one["conv1"].values._layout
    write_batch(layer_path(one.path, "features.0"), layout, 0, layout.buffer())
    assert state(layer_path(one.path, "features.0"), layout) == ([], [])


def test_verbs_take_a_store(store):
    assert ic.rdms(store, "correlation").values.shape == (1, N * (N - 1) // 2)
