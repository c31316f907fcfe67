import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic


@pytest.fixture
def folder(tmp_path, rng):
    for name in ("img10.png", "img2.jpg", "img1.png"):
        Image.fromarray(rng.integers(0, 255, (8, 9, 3), dtype=np.uint8)).save(tmp_path / name)
    (tmp_path / ".hidden.png").write_text("")
    return tmp_path


def test_a_folder_in_natural_order(folder):
    stimuli = ic.Stimuli.from_folder(folder)
    assert stimuli.names == ("img1", "img2", "img10")
    assert stimuli.read(0).shape == (8, 9, 3)
    assert stimuli.modality == "image"


def test_a_grey_or_transparent_image_is_read_as_rgb(tmp_path):
    Image.fromarray(np.full((4, 4), 7, dtype=np.uint8)).save(tmp_path / "grey.png")
    Image.new("RGBA", (4, 4)).save(tmp_path / "clear.png")
    stimuli = ic.Stimuli.from_folder(tmp_path)
    assert {stimuli.read(i).shape for i in range(2)} == {(4, 4, 3)}


def test_a_csv_in_its_own_order(folder):
    table = pd.DataFrame({"file": ["img10.png", "img1.png"], "label": ["cat", "dog"]})
    table.to_csv(folder / "list.csv", index=False)
    stimuli = ic.Stimuli.from_csv(folder / "list.csv")
    assert stimuli.names == ("img10", "img1")
    assert list(stimuli.table["label"]) == ["cat", "dog"]
    table.assign(name=["x", "y"]).to_csv(folder / "list.csv", index=False)
    assert ic.Stimuli.from_csv(folder / "list.csv").names == ("x", "y")


def test_arrays(rng):
    stimuli = ic.Stimuli.from_arrays(rng.random((3, 8, 8)), table={"orientation": [0, 45, 90]})
    assert len(stimuli) == 3
    assert stimuli.take([2]).table["orientation"][0] == 90


def test_equal_content_has_equal_digests(folder, rng):
    (folder / "copy.png").write_bytes((folder / "img1.png").read_bytes())
    stimuli = ic.Stimuli.from_folder(folder)
    digests = dict(zip(stimuli.names, map(stimuli.digest, range(4)), strict=True))
    assert digests["copy"] == digests["img1"] != digests["img2"]
    zeros = ic.Stimuli.from_arrays([np.zeros((2, 8)), np.zeros((4, 4))])
    assert zeros.digest(0) != zeros.digest(1)


class TestBadInput:
    def test_folders(self, folder, tmp_path):
        with pytest.raises(ic.NotFoundError, match="no folder"):
            ic.Stimuli.from_folder(tmp_path / "absent")
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(ic.InputError, match="has no images"):
            ic.Stimuli.from_folder(empty)
        (folder / "img2.png").write_bytes((folder / "img2.jpg").read_bytes())
        with pytest.raises(ic.InputError, match=r"img2\.jpg and img2\.png"):
            ic.Stimuli.from_folder(folder)

    def test_a_corrupt_image_is_named(self, folder):
        whole = (folder / "img2.jpg").read_bytes()
        (folder / "img2.jpg").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ic.FormatError, match=r"img2\.jpg' cannot be decoded"):
            ic.Stimuli.from_folder(folder).read(1)

    def test_csv(self, folder):
        with pytest.raises(ic.NotFoundError, match="no file"):
            ic.Stimuli.from_csv(folder / "absent.csv")
        (folder / "l.csv").write_text("files,label\nimg1.png,cat\n")
        with pytest.raises(ic.InputError, match="no column 'file'. Did you mean 'files'"):
            ic.Stimuli.from_csv(folder / "l.csv")
        (folder / "l.csv").write_text("file\nimg1.png\nimg77.png\n")
        with pytest.raises(ic.NotFoundError, match=r"1 of 2 images .* are not there: .*img77"):
            ic.Stimuli.from_csv(folder / "l.csv")
        (folder / "l.csv").write_text("")
        with pytest.raises(ic.FormatError, match="not a CSV file"):
            ic.Stimuli.from_csv(folder / "l.csv")

    def test_arrays(self):
        with pytest.raises(ic.InputError, match="at least one array"):
            ic.Stimuli.from_arrays([])
        with pytest.raises(ic.InputError, match=r"'stimulus 0' has shape \(3,\)"):
            ic.Stimuli.from_arrays([np.zeros(3)])
        with pytest.raises(ic.InputError, match="'stimulus 0' holds NaN"):
            ic.Stimuli.from_arrays([np.full((2, 2), np.nan)])
