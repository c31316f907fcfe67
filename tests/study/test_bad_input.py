"""What is wrong with a study is found by ``plan``, before any work, with its line."""

import shutil

import numpy as np
import pytest

import isocortex as ic

nib = pytest.importorskip("nibabel")

N = 6
NAMES = [f"image {i}" for i in range(N)]
TEXT = """[study]
name = "tiny"

[stimuli]
folder = "images"

[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1"]

[[recording]]
name = "brains"
files = "{subject}.nii.gz"
mask = "masks/{subject}_{region}.nii.gz"
regions = ["V1"]
volumes = "shown.tsv"

[[method]]
name = "CKA"
kind = "similarity"
"""


@pytest.fixture
def folder(tmp_path, material):
    (tmp_path / "images").mkdir()
    for name in NAMES:
        shutil.copy(material / "images" / f"{name}.png", tmp_path / "images")
    rng = np.random.default_rng(0)
    (tmp_path / "masks").mkdir()
    (tmp_path / "shown.tsv").write_text("\n".join(["stimulus", *NAMES]))
    affine = np.eye(4)
    for person in ("ann", "bob"):
        noun = nib.Nifti1Image(rng.normal(size=(3, 3, 2, N)).astype("float32"), affine)
        nib.save(noun, tmp_path / f"{person}.nii.gz")
        for region in ("V1", "IT"):
            mask = nib.Nifti1Image((rng.random((3, 3, 2)) < 0.5).astype("uint8"), affine)
            nib.save(mask, tmp_path / "masks" / f"{person}_{region}.nii.gz")
    return tmp_path


def problems(text, folder):
    with pytest.raises(ic.InputError) as found:
        ic.plan(ic.Study.from_text(text, folder))
    return [(each.line, each.what) for each in found.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('kind = "similarity"', 'kind = "similarty"', 22, "Did you mean 'similarity'?"),
        ('"{subject}.nii.gz"', '"lost_{subject}.nii.gz"', 15, "there is no file 'lost_{subject}"),
        ('regions = ["V1"]', 'regions = ["V2"]', 17, "has no region 'V2'"),
        ('"shown.tsv"', '"other.tsv"', 15, "there is no file 'other.tsv'"),
        ('["conv1"]', '["conv7"]', 11, "conv7"),
        ('folder = "images"', 'folder = "pictures"', 5, "pictures"),
        ("layers =", "layer =", 11, "network[1].layer is not known. Did you mean 'layers'?"),
        ('weights = "random"', 'weights = "gone.safetensors"', 10, "gone.safetensors"),
        ('weights = "random"', 'weights = "no_such_network"', 10, "There are no weights"),
        ('source = "cifar10_resnet20"', 'source = "resnet20"', 9, "is not a network that is known"),
        ('name = "CKA"', 'name = "CKA"\nindex = "ckaa"', 22, "ckaa"),
    ],
)
def test_each_thing_is_told_with_its_line(folder, old, new, line, said):
    assert old in TEXT
    found = problems(TEXT.replace(old, new), folder)
    assert any(each[0] == line and said in each[1] for each in found), found
    assert not (folder / "results").exists()


def test_all_of_it_is_in_one_list(folder):
    text = TEXT
    for old, new in (
        ('"{subject}.nii.gz"', '"lost_{subject}.nii.gz"'),
        ('["conv1"]', '["conv7"]'),
    ):
        text = text.replace(old, new)
    assert [line for line, _ in problems(text, folder)] == [11, 15]


def test_a_folder_of_results_of_another_study(folder):
    (folder / "results").mkdir()
    (folder / "results" / "about.json").write_text('{"study": "another"}')
    assert any("the results of the study 'another'" in what for _, what in problems(TEXT, folder))
