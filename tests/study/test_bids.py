"""A study in BIDS as a recording: events meet the stimuli by name."""

import gzip
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic

nibabel = pytest.importorskip("nibabel")
pytest.importorskip("nilearn")
pytest.importorskip("pyarrow")

NAMES = ["chair", "face", "house", "shoe"]
SPACE = "MNI152NLin2009cAsym"
TEXT = f"""[study]
name = "in BIDS"

[stimuli]
folder = "images"

[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1"]

[[recording]]
name = "fMRI"
regions = ["V1", "IT"]

[recording.bids]
root = "raw"
task = "objects"
space = "{SPACE}"
condition = "stim_file"
match = "file"
ignore = ["rest"]
betas = "lsa"
confounds = ["trans_x", "csf"]
mask = "masks/{{subject}}_{{region}}.nii.gz"

[[method]]
name = "CKA"
kind = "similarity"
"""


@pytest.fixture
def study(bids_tree, tmp_path):
    """Two people, two runs each, with images of four things and masks of two regions."""
    rng = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    for name in NAMES:
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{name}.png")
    tree = bids_tree(tmp_path / "raw")
    for subject in ("01", "02"):
        for run in ("01", "02"):
            shown = rng.permutation(["rest", *NAMES] * 2)
            events = pd.DataFrame(
                {
                    "onset": np.arange(10) * 11.0 + 4,
                    "duration": 3.0,
                    "stim_file": [
                        f"images/{each}.png" if each != "rest" else each for each in shown
                    ],
                }
            )
            data = 1000 + rng.normal(size=(3, 3, 2, 64))
            tree.add(subject, run, data.astype(np.float32), events)
        for k, region in enumerate(("V1", "IT")):
            mask = np.zeros((3, 3, 2), np.uint8)
            mask[..., k] = 1
            nibabel.save(tree.image(mask), tmp_path / "masks" / f"{subject}_{region}.nii.gz")
    return tree


def planned(folder, *changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return ic.plan(ic.Study.from_text(text, folder))


def problems(folder, *changes):
    with pytest.raises(ic.InputError) as found:
        planned(folder, *changes)
    assert not (folder / "results").exists()
    return [(each.line, each.what) for each in found.value.problems]


def test_the_numbers_are_those_of_the_verbs(study, tmp_path):
    table = ic.run(ic.Study.from_text(TEXT, tmp_path)).table()
    trials = ic.read_bids(
        study.root,
        task="objects",
        space=SPACE,
        subjects="02",
        betas="lsa",
        condition="stim_file",
        confounds=["trans_x", "csf"],
        mask=tmp_path / "masks" / "02_IT.nii.gz",
    )
    kept = [each != "rest" for each in trials.stimuli]
    names = [each[7:-4] for each in trials.stimuli if each != "rest"]
    brain = ic.average(ic.Trials(trials.values[kept], names))
    network = ic.load_network("cifar10_resnet20", weights=None)
    images = ic.Stimuli.from_folder(tmp_path / "images")
    right = ic.similarity(ic.extract(network, images, ["conv1"])["conv1"], brain).values[0, 0]
    row = table[(table["subject"] == "02") & (table["region"] == "IT")].iloc[0]
    assert row["score"] == pytest.approx(right, abs=1e-7)
    assert row["n"] == 4
    people = table[table["subject"].notna()]
    assert list(people["region"]) == ["V1", "V1", "IT", "IT"]


def test_a_changed_file_computes_what_depends_on_it(study, tmp_path):
    ic.run(ic.Study.from_text(TEXT, tmp_path))
    mask = np.ones((3, 3, 2), np.uint8)
    nibabel.save(study.image(mask), tmp_path / "masks" / "01_IT.nii.gz")
    todo = planned(tmp_path)
    numbers = [task.name for batch in todo.todo() for task in batch.tasks if task.layer]
    assert numbers == ["CKA resnet conv1 01 IT"]
    table = study.func("02", derived=False) / "sub-02_task-objects_run-02_events.tsv"
    table.write_text(table.read_text().replace("house", "moved").replace("chair", "house"))
    table.write_text(table.read_text().replace("moved", "chair"))
    todo = planned(tmp_path).todo()
    names = [task.name for batch in todo for task in batch.tasks if task.layer]
    assert names == [f"CKA resnet conv1 {each}" for each in ("02 V1", "01 IT", "02 IT")]


def test_regions_of_an_atlas_have_its_names(study, tmp_path):
    atlas = np.zeros((3, 3, 2), np.int16)
    atlas[0], atlas[1] = 7, 12
    nibabel.save(study.image(atlas), tmp_path / "atlas.nii.gz")
    (tmp_path / "atlas.tsv").write_text("index\tname\n7\tV1\n12\tIT\n")
    mask = 'mask = "masks/{subject}_{region}.nii.gz"'
    found = planned(tmp_path, (mask, 'atlas = "atlas.nii.gz"\nlabels = "atlas.tsv"'))
    batch = found.batches[-1]
    noun = batch.tasks[-1].recorded[0].load()
    assert (batch.tasks[-1].recorded[0].region, noun.n_units) == ("IT", 6)
    assert set(noun.units["i"]) == {1}


WRONG = [
    ('root = "raw"', 'root = "row"', "root", "there is no folder"),
    ('task = "objects"', 'task = "object"', "task", "no preprocessed time series has task-object"),
    ("2009cAsym", "2009", "space", "Did you mean 'MNI152NLin2009cAsym'"),
    ('"stim_file"', '"stim"', "condition", "has no column 'stim'. Did you mean 'stim_file'"),
    ('match = "file"', 'match = "name"', "condition", 'match = "file" takes their names'),
    ('ignore = ["rest"]', "ignore = []", "condition", "'rest', which is no stimulus"),
    ('"IT"]', '"IT"]\nsubjects = ["3"]', "subjects", "'3' is not there"),
    ('["V1", "IT"]', '["V1", "V4"]', "regions", "has no region 'V4'"),
    ("masks/", "mask/", "mask", "there is no file 'mask/01_{region}.nii.gz'"),
    ('"csf"]', '"cfs"]', "[recording.bids]", "has no confound 'cfs'"),
]


def test_all_that_is_wrong_is_in_one_list_each_with_its_line(study, tmp_path):
    before, recording, after = re.split(r"(?s)(\[\[recording.*?)(?=\[\[method)", TEXT)
    tables = []
    for k, (old, new, _, _) in enumerate(WRONG):
        assert old in recording
        tables.append(recording.replace(old, new).replace('"fMRI"', f'"{k}"'))
    text = before + "".join(tables) + after
    found = problems(tmp_path, (TEXT, text))
    lines, first = text.split("\n"), before.count("\n")
    for table, (_, _, key, said) in zip(tables, WRONG, strict=True):
        told = [what for line, what in found if first < line <= first + table.count("\n")]
        assert len(set(told)) == 1, told
        line = next(line for line, what in found if what == told[0])
        assert said in told[0]
        assert lines[line - 1].startswith(key), (lines[line - 1], told)
        first += table.count("\n")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('betas = "lsa"', 'betas = "lsz"', 24, "Known: lss, lsa"),
        ('betas = "lsa"', "", 17, "give one of betas or lag, not none"),
        ('betas = "lsa"', 'beta = "lsa"', 24, "Did you mean 'betas'?"),
        ('["trans_x", "csf"]', "3", 25, "confounds"),
    ],
)
def test_what_the_schema_refuses(tmp_path, old, new, line, said):
    found = problems(tmp_path, (old, new))
    assert any(each[0] == line and said in each[1] for each in found), found


def test_several_spaces_are_asked_about(study, tmp_path):
    for path in list(study.func("01").glob("*space-*")):
        path.with_name(path.name.replace(SPACE, "T1w")).write_bytes(path.read_bytes())
    found = problems(tmp_path, (f'space = "{SPACE}"\n', ""))
    assert any(line == 17 and "several spaces fit" in what for line, what in found), found


def test_a_stimulus_without_an_event_and_an_image_that_is_cut_off(study, tmp_path):
    pixels = np.zeros((32, 32, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "images" / "lamp.png")
    found = problems(tmp_path)
    assert any(line == 21 and "no event of the stimuli 'lamp'" in what for line, what in found)
    (tmp_path / "images" / "lamp.png").unlink()
    (bold,) = study.func("01").glob("*run-02*preproc_bold.nii.gz")
    bold.write_bytes(gzip.compress(gzip.decompress(bold.read_bytes())[:900]))
    found = problems(tmp_path)
    assert any("run-02" in what and line == 17 for line, what in found), found
