"""A plan of what has not changed loads no network."""

import shutil
import time

import pytest

import isocortex as ic

pytest.importorskip("pyarrow")

TEXT = """[study]
name = "twenty"
[stimuli]
folder = "images"
[[network]]
name = "own weights"
source = "cifar10_resnet20"
weights = "own.safetensors"
layers = ["conv1", "linear"]
{more}
[[recording]]
name = "fMRI"
files = "fmri/{{subject}}_{{region}}.npz"
[[method]]
name = "CKA"
kind = "similarity"
"""
RANDOM = """
[[network]]
name = "seed {i}"
source = "cifar10_resnet20"
weights = "random"
seed = {i}
layers = "main"
"""


@pytest.fixture
def study(material, tmp_path):
    for name in ("images", "fmri"):
        (tmp_path / name).symlink_to(material / name)
    network = ic.load_network("cifar10_resnet20", weights=None, seed=5)
    ic.save_weights(network, tmp_path / "own.safetensors")
    more = "".join(RANDOM.format(i=i) for i in range(2))
    return ic.Study.from_text(TEXT.format(more=more), tmp_path)


def keys(plan):
    return [task.key for batch in plan.batches for task in batch.tasks]


def test_an_unchanged_study_loads_no_network(study, monkeypatch):
    first = ic.plan(study)
    with monkeypatch.context() as patch:
        patch.setattr("isocortex.study.asked.load", lambda *_: pytest.fail("loaded"))
        start = time.perf_counter()
        again = ic.plan(study)
        seconds = time.perf_counter() - start
    assert keys(again) == keys(first)
    assert (again.passes, again.n_tasks) == (first.passes, first.n_tasks)
    assert seconds < 5


def test_changed_weights_are_seen_and_only_they(study, monkeypatch):
    first = ic.plan(study)
    path = study.folder / "own.safetensors"
    state = path.stat()
    other = ic.load_network("cifar10_resnet20", weights=None, seed=6)
    ic.save_weights(other, study.folder / "new.safetensors")
    shutil.move(study.folder / "new.safetensors", path)
    assert path.stat().st_size == state.st_size
    loaded = []
    monkeypatch.setattr("isocortex.study.asked.load", _noting(loaded))
    again = ic.plan(study)
    assert loaded == ["own weights"]
    layers = {task.layer.network for batch in again.batches for task in batch.tasks if task.layer}
    changed = {
        task.layer.network
        for before, after in zip(first.batches, again.batches, strict=True)
        for task, new in zip(before.tasks, after.tasks, strict=True)
        if task.key != new.key
    }
    assert changed == {"own weights"} < layers


def _noting(names):
    from isocortex.study.extraction import load

    def noted(source, folder):
        names.append(source.name)
        return load(source, folder)

    return noted


@pytest.mark.parametrize("damage", ["{", '["a"]'])
def test_a_damaged_memory_is_none(study, damage):
    first = ic.plan(study)
    (study.results / "networks.json").write_text(damage)
    assert keys(ic.plan(study)) == keys(first)


def test_another_seed_and_other_layers_are_others(study, material):
    first = ic.plan(study)
    changed = ic.Study.from_text(study.text.replace("seed = 1", "seed = 9"), study.folder)
    assert len(set(keys(first)) ^ set(keys(ic.plan(changed)))) > 0
    fewer = ic.Study.from_text(
        study.text.replace('["conv1", "linear"]', '["linear"]'), study.folder
    )
    assert ic.plan(fewer).n_tasks < first.n_tasks
