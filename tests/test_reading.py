"""Damaged and hostile files: one sentence that names the file, before anything is allocated."""

import gzip
import io
import os
import zipfile
import zlib

import h5py
import nibabel
import numpy as np
import pytest

import isocortex as ic
from isocortex.errors import FormatError, InputError, StorageError
from isocortex.formats.mat.files import read_array
from isocortex.reading import leads_out, reader, reading

NAMES = ["face", "house", "cat", "car"]


@pytest.mark.parametrize(
    "raised",
    [
        KeyError("x"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "no"),
        zlib.error("bad"),
        RecursionError("deep"),
        Exception(""),
        OSError("bad read"),
        ValueError("two\nlines"),
    ],
)
def test_whatever_a_library_raises_is_one_sentence_with_the_file(raised, tmp_path):
    path = tmp_path / "a.xyz"
    said = r"a\.xyz' is not a picture, or is truncated"
    with pytest.raises(FormatError, match=said) as told, reading(path, "a picture"):
        raise raised
    assert "\n" not in str(told.value)
    assert told.value.__cause__ is raised


def test_lack_of_memory_and_of_rights_are_no_damage(tmp_path):
    for raised, said in (
        (MemoryError(), "too little memory"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ):
        with pytest.raises(StorageError, match=rf"a\.xyz.*{said}"), reading("a.xyz", "x"):
            raise raised


def test_a_check_that_knows_no_file_gets_its_name_and_stays_what_it_was():
    @reader("a file")
    def read(path, rows=3):
        raise InputError(f"there are {rows} rows")

    with pytest.raises(InputError, match=r"^'b\.nii': there are 2 rows$"):
        read(path="b.nii", rows=2)
    with pytest.raises(InputError, match=r"^there are 3 rows$"):
        read(np.zeros(3))


def _npz_that_declares(path, size, way):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (size,)}
    )
    with zipfile.ZipFile(path, "w", way) as archive:
        archive.writestr("rdm.npy", head.getvalue() + bytes(64))


def _nifti_of(path, dims):
    image = nibabel.Nifti1Image(np.zeros((2, 2, 2, 2), np.float32), np.eye(4))
    image.to_filename(path)
    raw = bytearray(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    )
    raw[40:50] = np.array([4, *dims], "<i2").tobytes()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


@pytest.fixture
def no_allocation(monkeypatch):
    """Nothing of more than 50 MB may be asked for."""
    import tracemalloc

    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e7


@pytest.mark.parametrize("way", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_array_that_declares_more_than_its_archive_holds(tmp_path, way, no_allocation):
    from isocortex.formats.net2brain.rdm_files import read_rdm_npz

    path = tmp_path / "big.npz"
    _npz_that_declares(path, 2**50, way)
    with pytest.raises(FormatError, match=r"big\.npz.*truncated"):
        read_rdm_npz(path)


def test_a_zip_bomb_is_refused_by_the_size_that_it_declares(tmp_path, no_allocation):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("values.npy", b"x" * 1000)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"bomb\.npz.*declares more than the file holds"):
        ic.read_rdms(path)


def test_a_directory_that_lacks_parts_is_no_archive_of_fewer(tmp_path):
    path = tmp_path / "face.npz"
    np.savez(path, conv1=np.zeros(3), fc=np.ones(3))
    raw = bytearray(path.read_bytes())
    end = raw.rindex(b"PK\x05\x06")
    raw[end + 8 : end + 16] = bytes(8)
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"face\.npz.*lacks parts"):
        ic.read_rdms(path)


@pytest.mark.parametrize("name", ["bold.nii", "bold.nii.gz"])
def test_dimensions_are_held_against_the_file(tmp_path, name, no_allocation):
    _nifti_of(tmp_path / name, [30000, 30000, 30000, 300])
    with pytest.raises(FormatError, match=rf"{name}' declares .* cannot hold"):
        ic.read_nifti(tmp_path / name)


@pytest.mark.parametrize("name", ["bold.nii.gz", "bold.mgz"])
def test_the_checksum_of_gzip_is_looked_at(tmp_path, name):
    kind = nibabel.MGHImage if name.endswith("mgz") else nibabel.Nifti1Image
    values = np.random.default_rng(0).normal(size=(4, 5, 6)).astype(np.float32)
    kind(values, np.eye(4)).to_filename(tmp_path / name)
    raw = bytearray((tmp_path / name).read_bytes())
    assert ic.read_nifti(tmp_path / name).n_units == 120
    raw[-8] ^= 1
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(FormatError, match=rf"{name}.*CRC"):
        ic.read_nifti(tmp_path / name)


def test_a_data_set_that_declares_more_than_is_stored(tmp_path, no_allocation):
    path = tmp_path / "net.act.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("fc", (10**5, 10**5, 10, 10), "f8", chunks=(10, 10, 1, 1))
    with pytest.raises(FormatError, match=r"net\.act\.h5' declares .* cannot hold"):
        ic.read_act_h5(path)


@pytest.mark.parametrize("shape", [(2**31 - 1, 2**31 - 1), (2**20, 2**20)])
def test_a_matlab_variable_that_declares_more_than_it_holds(tmp_path, shape, no_allocation):
    from scipy.io import savemat

    path = tmp_path / "subject.mat"
    savemat(path, {"dataSet": np.zeros((2, 2)), "metaData": {"key": ["a"], "value": [[1.0]]}})
    raw = path.read_bytes()
    sizes = np.array([2, 2], "<i4").tobytes()
    path.write_bytes(raw.replace(sizes, np.array(shape, "<i4").tobytes(), 1))
    with pytest.raises(FormatError, match=r"subject\.mat.*truncated or damaged"):
        ic.read_bdata(path)


@pytest.mark.parametrize("way", ["external link", "soft link", "storage", "virtual"])
def test_nothing_leads_out_of_an_hdf5_file(tmp_path, way):
    secret = tmp_path / "secret"
    with h5py.File(secret, "w") as file:
        file["feat"] = np.arange(4.0)
        file["data"] = np.ones((2, 2))
    for name, key in (("a.mat", "feat"), ("a.roi.h5", "data"), ("a.act.h5", "data")):
        path = tmp_path / name
        with h5py.File(path, "w", userblock_size=512 if key == "feat" else 0) as file:
            file.attrs["roi"] = ["V1", "V2"]
            if way == "external link":
                file[key] = h5py.ExternalLink(secret, key)
            elif way == "soft link":
                file["through"] = h5py.ExternalLink(secret, "/")
                file[key] = h5py.SoftLink(f"/through/{key}")
            elif way == "storage":
                file.create_dataset(key, (2, 2), "f8", external=[(str(secret), 0, 32)])
            else:
                layout = h5py.VirtualLayout((2, 2), "f8")
                layout[:] = h5py.VirtualSource(secret, "data", (2, 2))
                file.create_virtual_dataset(key, layout)
        read = {
            "a.mat": lambda p: read_array(p, "feat"),
            "a.roi.h5": ic.read_roi_h5,
            "a.act.h5": lambda p: ic.read_act_h5(p, ["data"]),
        }[name]
        with pytest.raises(FormatError, match=rf"{name}.*leads out of the file"):
            read(path)


def test_a_heap_that_goes_in_circles_is_refused(tmp_path):
    path = tmp_path / "subject.h5"
    bdata = ic.BData(np.zeros((2, 1)), {"ROI_V1": np.ones(1)}, {"ROI_V1": "primary"}, {})
    ic.write_bdata(bdata, path)
    raw = bytearray(path.read_bytes())
    heap = raw.index(b"GCOL")
    raw[heap + 24 : heap + 32] = (2**20).to_bytes(8, "little")
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"subject\.h5' is truncated or damaged: a heap"):
        ic.read_bdata(path)


def _gifti(path, change):
    array = nibabel.gifti.GiftiDataArray(np.arange(5, dtype=np.float32), "NIFTI_INTENT_SHAPE")
    text = nibabel.gifti.GiftiImage(darrays=[array]).to_xml().decode()
    path.write_text(change(text), encoding="utf-8")


def _entity(text):
    start = text.index("<GIFTI")
    return (
        f'{text[:start].split("<!DOCTYPE")[0]}<!DOCTYPE GIFTI [<!ENTITY a "aaaa">]>{text[start:]}'
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_entity, "defines entities"),
        (lambda t: t.replace('ExternalFileName=""', 'ExternalFileName="/etc/passwd"'), "/etc/pas"),
        (lambda t: t.replace('Dim0="5"', 'Dim0="99999999999"'), "declares"),
        (lambda t: t[: len(t) // 2], "truncated"),
    ],
)
def test_the_xml_of_gifti_brings_nothing_in(tmp_path, change, said):
    _gifti(tmp_path / "a.func.gii", lambda text: text)
    assert ic.read_gifti(tmp_path / "a.func.gii").n_units == 4
    _gifti(tmp_path / "a.func.gii", change)
    with pytest.raises(FormatError, match=rf"a\.func\.gii.*{said}"):
        ic.read_gifti(tmp_path / "a.func.gii")


def test_data_of_gifti_that_unpack_to_more_than_declared(tmp_path):
    import base64

    bomb = base64.b64encode(zlib.compress(bytes(10**6))).decode()

    def change(text):
        start, stop = text.index("<Data>") + 6, text.index("</Data>")
        return text[:start] + bomb + text[stop:]

    _gifti(tmp_path / "a.func.gii", change)
    with pytest.raises(FormatError, match="unpacks to other than what it declares"):
        ic.read_gifti(tmp_path / "a.func.gii")


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/../../x", "/etc", "\\\\server\\x", "C:\\x", "c:/x", "a\0b", "\\x"]
)
def test_names_that_leave_their_folder_on_any_system(name):
    assert leads_out(name)


@pytest.mark.parametrize(
    "name", ["a", "a/b", "caffe/AlexNet", "features.0", "..a", "a:b", "conv 1"]
)
def test_names_that_stay(name):
    assert not leads_out(name)


def test_layers_of_any_name_stay_in_their_store(tmp_path):
    from isocortex.store.record import gram_path, layer_path

    for module in ("..", ".", "../../x", "a/b", "/etc", ".hidden"):
        for place in (layer_path, gram_path):
            path = place(tmp_path, module)
            assert os.path.normpath(path) == str(path)
            assert path.parent.parent == tmp_path
    layer = ic.Responses(np.zeros((2, 2)), ["a", "b"])
    for name in ("..", ".x", "c\\d", ""):
        with pytest.raises(InputError, match=r"layer name .* cannot be the name of a file"):
            ic.write_features({name: layer}, tmp_path)


def test_stimuli_of_a_list_stay_in_its_folder(tmp_path):
    path = tmp_path / "x.stim.csv"
    path.write_text(
        f"type=image\npath={tmp_path}\ndata=stimID\n../../secret.png\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"x\.stim\.csv.*lie out of the folder"):
        ic.read_stim_csv(path)


def test_cells_that_a_spreadsheet_would_compute(tmp_path):
    labels = {"layer": ["=cmd|calc", "@SUM(1)", "-1+1", "+1", "conv1"]}
    scores = ic.Scores(np.array([-1.0, 2, 3, 4, 5]), {"layer": labels}, "spearman")
    ic.save(scores, tmp_path / "plain.csv")
    ic.save(scores, tmp_path / "safe.csv", spreadsheet=True)
    plain, safe = (
        (tmp_path / f"{each}.csv").read_text().splitlines() for each in ("plain", "safe")
    )
    assert plain[1].startswith("=cmd|calc,")
    starts = ["'=cmd|calc,-1.0", "'@SUM(1),2.0", "'-1+1,", "'+1,", "conv1,"]
    assert all(row.startswith(start) for row, start in zip(safe[1:], starts, strict=True))
