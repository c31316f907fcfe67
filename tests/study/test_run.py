import json
import shutil

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.study.known import DONE, known_records
from isocortex.study.measured import seconds_each, seconds_left


def study_of(folder, *changes):
    text = (folder / "study.toml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return ic.Study.from_text(text, folder)


def problems(folder, *changes):
    with pytest.raises(ic.InputError) as found:
        ic.plan(study_of(folder, *changes))
    return "\n".join(f"{each.line}: {each.what}" for each in found.value.problems)


def test_the_table_has_each_number_as_the_verbs_give_it(done, material):
    table = done.table()
    assert list(done.failed.index) == []
    people = table[table["subject"].notna()].set_index(
        ["network", "layer", "subject", "region", "method"]
    )
    network = ic.load_network("cifar10_resnet20", weights=None, seed=1)
    images = ic.Stimuli.from_folder(material / "images")
    layer = ic.extract(network, images, ["linear"])["linear"]
    voxels = ic.read(material / "fmri" / "bob_IT.npz")
    place = ("resnet with seed 1", "linear", "bob", "IT")

    rsa = ic.compare(ic.rdms(layer), ic.rdms(voxels), "spearman").values[0, 0]
    assert people.loc[(*place, "RSA"), "score"] == pytest.approx(rsa, abs=1e-10)
    cka = ic.similarity(layer, voxels).values[0, 0]
    assert people.loc[(*place, "CKA"), "score"] == pytest.approx(cka, abs=1e-10)

    from sklearn.model_selection import KFold

    folds = ic.Folds(KFold(3, shuffle=True, random_state=0))
    penalties = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5]
    encoded = ic.encode(layer, voxels, ic.Ridge(penalties), folds=folds, pooled=True).values
    assert people.loc[(*place, "encoding"), "score"] == pytest.approx(encoded.mean(), abs=1e-8)
    decoded = ic.decode(voxels, layer, ic.Ridge([10.0]), folds=folds, pooled=True).values
    assert people.loc[(*place, "decoding"), "score"] == pytest.approx(decoded.mean(), abs=1e-8)


def test_rows_without_a_subject_are_means_with_their_intervals(done):
    table = done.table()
    chosen = table[(table["layer"] == "linear") & (table["method"] == "RSA")]
    chosen = chosen[(chosen["network"] == "resnet") & (chosen["region"] == "V1")]
    scores = chosen.loc[chosen["subject"].notna(), "score"].to_numpy()
    mean = chosen[chosen["subject"].isna()].iloc[0]
    assert len(scores) == 3
    assert mean["score"] == pytest.approx(scores.mean())
    half = 4.302652729911275 * scores.std(ddof=1) / np.sqrt(3)
    assert mean["high"] - mean["score"] == pytest.approx(half)


def test_ceilings_stand_beside_the_scores_of_their_region(done, material):
    voxels = [ic.read(material / "fmri" / f"{each}_V1.npz") for each in ("ann", "bob", "cy")]
    names = voxels[0].stimuli
    stack = ic.RDMs.concat(
        [
            ic.rdms(ic.align(ic.Responses(np.zeros((len(names), 2)), names), each)[1])
            for each in voxels
        ]
    )
    stack = ic.RDMs(stack.values, stack.stimuli, {"subject": [1, 2, 3]})
    low, high = ic.noise_ceiling(stack, "spearman")
    table = done.table()
    here = table[(table["method"] == "RSA") & (table["region"] == "V1")]
    assert here["ceiling"].to_numpy() == pytest.approx(low)
    assert here["ceiling_high"].to_numpy() == pytest.approx(high)


def test_methods_take_the_recordings_that_they_can(done):
    table = done.table()
    by_method = table.groupby("method", observed=True)["recording"].agg(lambda each: set(each))
    assert by_method["RSA"] == {"fMRI", "behaviour"}
    assert by_method["encoding"] == {"fMRI"}


def test_the_table_is_written_as_parquet_with_versions(done):
    import pyarrow.parquet as parquet

    file = parquet.read_table(done.path)
    notes = json.loads(file.schema.metadata[b"isocortex"])
    assert notes["versions"]["isocortex"] == ic.__version__
    pd.testing.assert_frame_equal(file.to_pandas(), done.table())
    assert (done.study.results / "study.toml").read_text() == done.study.text


def test_what_is_there_is_not_computed_again(done, monkeypatch):
    before = (done.study.results / DONE).read_bytes()
    monkeypatch.setattr("isocortex.study.where.perform", lambda *_: pytest.fail("computed"))
    monkeypatch.setattr("isocortex.study.where.perform_extraction", lambda *_: pytest.fail("shown"))
    again = ic.run(done.study)
    pd.testing.assert_frame_equal(again.table(), done.table())
    assert (done.study.results / DONE).read_bytes() == before


def test_a_change_computes_what_depends_on_it_and_nothing_else(folder):
    ic.run(study_of(folder))
    before = known_records(folder / "results")
    changed = study_of(folder, ("folds = 3\n\n", "folds = 4\n\n"))
    todo = ic.plan(changed)
    assert todo.passes == 0
    assert {batch.name.split()[0] for batch in todo.todo()} == {"encoding"}

    path = folder / "fmri"
    target = path.resolve()
    path.unlink()
    path.mkdir()
    for each in target.iterdir():
        (path / each.name).symlink_to(each)
    noun = ic.read(path / "ann_V1.npz")
    (path / "ann_V1.npz").unlink()
    ic.save(noun.replace(values=noun.values + np.eye(*noun.values.shape)), path / "ann_V1.npz")
    todo = ic.plan(study_of(folder)).todo()
    left = {task.name.split()[-2:][0] for batch in todo for task in batch.tasks if task.layer}
    assert left == {"ann"}
    assert known_records(folder / "results") == before


def test_renaming_computes_nothing(folder):
    ic.run(study_of(folder))
    renamed = study_of(folder, ('name = "RSA"', 'name = "Spearman"'), ('"fMRI"', '"3 T"'))
    assert ic.plan(renamed).n_done == ic.plan(renamed).n_tasks


def test_a_task_that_fails_is_told_and_tried_again(folder):
    noun = ic.read(folder / "fmri" / "ann_IT.npz")
    path = folder / "fmri"
    target = path.resolve()
    path.unlink()
    path.mkdir()
    for each in target.iterdir():
        (path / each.name).symlink_to(each)
    (path / "bob_V1.npz").unlink()
    ic.save(noun.take(range(10)), path / "bob_V1.npz")
    result = ic.run(study_of(folder))
    assert {task.split()[-2] for task in result.failed["task"]} >= {"bob"}
    assert result.failed["reason"].str.contains("image").any()
    table = result.table()
    assert table.loc[table["subject"] == "bob", "error"].notna().any()
    assert table.loc[table["subject"] == "cy", "score"].notna().all()
    (path / "bob_V1.npz").unlink()
    (path / "bob_V1.npz").symlink_to(target / "bob_V1.npz")
    assert len(ic.run(study_of(folder)).failed) == 0


def test_all_that_a_study_lacks_is_found_before_any_work(folder):
    said = problems(
        folder,
        ('layers = ["conv1", "linear"]', 'layers = ["conv1", "linaer"]'),
        ('files = "behaviour.npz"', 'files = "nothing.npz"'),
        ('"fmri/{subject}_{region}.npz"', '"fmri/{subject}_{region}.npz"\nregions = ["V1", "V4"]'),
        ('weights = "random"\nlayers', 'weights = "lost.safetensors"\nlayers'),
    )
    assert "11: There are no weights at" in said
    assert "19: " in said
    assert "Did you mean 'linear'" in said
    assert "has no region 'V4'" in said
    assert "there is no file 'nothing.npz'" in said
    assert not (folder / "results").exists()


def test_methods_that_cannot_take_a_recording_are_told(folder):
    said = problems(
        folder, ('kind = "similarity"', 'kind = "similarity"\nrecordings = ["behaviour"]')
    )
    assert "takes Responses; the recording 'behaviour' is RDMs" in said


def test_recordings_of_other_stimuli_are_told(folder, material):
    (folder / "images").unlink()
    shutil.copytree(material / "images", folder / "images")
    (folder / "images" / "image 3.png").unlink()
    said = problems(folder)
    assert "is not of the stimuli of the study: it has 'image 3' beside" in said


def test_results_of_another_study_are_not_added_to(done):
    other = ic.Study.from_text(done.study.text.replace('"tiny"', '"other"'), done.study.folder)
    with pytest.raises(ic.InputError, match="has the results of the study 'tiny'"):
        ic.plan(other)


def test_where_is_one_of_four(folder):
    with pytest.raises(ic.InputError, match="is none of"):
        ic.run(study_of(folder), where="everywhere")
    with pytest.raises(ic.InputError, match=r"needs a table \[cluster\]"):
        ic.run(study_of(folder), where="cluster")


def test_progress_ends_at_all(folder):
    events = []
    result = ic.run(study_of(folder), progress=events.append)
    last = [each for each in events if each.what == "study tiny"][-1]
    assert last.done == last.total == result.plan.n_tasks


def test_pandas_reads_the_table_as_it_is(done):
    held = pd.read_parquet(done.path)
    assert held["score"].to_numpy() == pytest.approx(done.table()["score"].to_numpy())


@pytest.mark.slow
def test_the_example_of_init_runs_as_it_is(tmp_path):
    from isocortex.study.begin import begin

    try:
        ic.datasets.images92()
        ic.datasets.local_weights("squeezenet1_1")
    except ic.NotFoundError as error:
        pytest.skip(str(error))
    result = ic.run(ic.Study.from_toml(begin(tmp_path / "study.toml")))
    assert len(result.failed) == 0
    assert result.table()["score"].notna().all()


def test_the_time_of_a_method_is_told_by_its_own_numbers(done):
    batches = [each for each in done.plan.batches if each.method.name in ("RSA", "CKA")]
    scores = [b for b in batches if b.tasks[0].layer is not None]
    known = {
        task.key: {"score": 0.0, "seconds": 5.0 if batch.method.name == "RSA" else 0.001}
        for batch in scores
        for task in batch.tasks
    }
    left = next(b for b in scores if b.method.name == "RSA" and len(b.tasks) > 1).tasks[0].key
    del known[left]
    each = seconds_each(scores, known, 14)
    assert seconds_left(scores, each, known) == pytest.approx(5.0)


def test_images_of_the_brain_are_read_with_their_masks_and_what_volumes_show(folder):
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(0)
    names = sorted(path.stem for path in (folder / "images").resolve().iterdir())
    shown = [str(each) for each in rng.permutation(names * 2)]
    betas = rng.normal(size=(4, 5, 2, len(shown)))
    (folder / "betas").mkdir()
    nibabel.Nifti1Image(betas, np.eye(4)).to_filename(folder / "betas" / "ann.nii.gz")
    pd.DataFrame({"stimulus": shown}).to_csv(folder / "betas" / "ann.tsv", sep="\t", index=False)
    mask = np.zeros((4, 5, 2), dtype=np.uint8)
    mask[:3] = 1
    nibabel.Nifti1Image(mask, np.eye(4)).to_filename(folder / "V1.nii.gz")
    old = 'files = "fmri/{subject}_{region}.npz"'
    new = '''files = "betas/{subject}.nii.gz"
mask = "{region}.nii.gz"
volumes = "betas/{subject}.tsv"'''
    table = ic.run(study_of(folder, (old, new))).table()
    here = table[(table["method"] == "CKA") & (table["layer"] == "conv1")]
    assert set(here["subject"]) == {"ann"}
    assert set(here["region"]) == {"V1"}
    voxels = ic.average(ic.read_volumes(folder / "betas" / "ann.nii.gz", mask, stimuli=shown))
    network = ic.load_network("cifar10_resnet20", weights=None, seed=0)
    images = ic.Stimuli.from_folder(folder / "images")
    layer = ic.extract(network, images, ["conv1"])["conv1"]
    expected = float(ic.similarity(layer, voxels).values[0, 0])
    assert here[here["network"] == "resnet"]["score"].iloc[0] == pytest.approx(expected, abs=1e-8)
    problem = problems(folder, (old, new.rsplit("\n", 1)[0]))
    assert "mask and volumes belong together" in problem
