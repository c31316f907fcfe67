"""The commands, from images to the ranking; failures, workers, and a run that is killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.bh.decoding import decode_layer
from isocortex.bh.settings import Folders
from isocortex.cli import main
from isocortex.formats.mat.files import read_array


def bh(*arguments):
    """Run a command; its exit code."""
    try:
        main(["bh", *map(str, arguments)])
    except SystemExit as ended:
        return ended.code or 0
    return 0


def everywhere(made):
    return ["--settings", made.path, "--data", made.data]


def test_alexnet_from_images_to_the_score(shared, tmp_path, write_recordings, capsys):
    """The complete run, with fewer images, units and voxels."""
    images = sorted((shared / "data" / "images92").rglob("image_*.jpg"))[:60:2]
    sets = {"ImageNetTraining": images[:20], "ImageNetTest": images[20:]}
    for kind, files in sets.items():
        (tmp_path / "images" / kind).mkdir(parents=True)
        for file in files:
            shutil.copy(file, tmp_path / "images" / kind)
    layers = ["conv1_abs", "conv2", "conv3", "conv4", "conv5", "conv5_maxpool"]
    settings = tmp_path / "settings.json"
    network = {"dir": "pytorch/AlexNet", "layers": layers}
    settings.write_text(
        json.dumps(
            {
                "subjects": ["sub-01"],
                "rois": ["V1", "V2", "V3", "V4", "HVC"],
                "dnns": {"AlexNet here": network},
            }
        )
    )
    asked = ["--settings", settings, "--data", tmp_path]
    weights = shared / "weights" / "alexnet_features"
    assert bh("extract", *asked, "--weights", weights, "--units", 40) == 0
    root = tmp_path / "features"
    found = {
        kind: ic.read_features(root / f"ImageNet{kind}" / "pytorch" / "AlexNet", layers)
        for kind in ("Training", "Test")
    }
    assert found["Test"]["conv1_abs"].numpy().min() >= 0
    assert found["Test"]["conv2"].numpy().min() < 0
    assert found["Test"]["conv3"].n_units == 40
    recorded = {
        kind: ([each[layer].numpy() for layer in layers[:5]], each.stimuli)
        for kind, each in found.items()
    }
    repeats = {"Training": 2, "Test": 3}
    write_recordings(tmp_path, recorded, repeats, np.random.default_rng(0), n_voxels=8)
    assert bh("decode", *asked) == 0
    assert bh("encode", *asked, "--net", "pytorch/AlexNet") == 0
    assert bh("score", *asked, "--figure", tmp_path / "rank.png") == 0
    said = capsys.readouterr().out
    assert said.count("30 jobs: 30 done, 0 were done already, 0 failed.") == 2
    assert "AlexNet here" in said
    table = pd.read_csv(tmp_path / "bh_scores.csv")
    assert table["mean"][0] == pytest.approx((table["decoding"][0] + table["encoding"][0]) / 2)
    assert table["encoding"][0] > 0.1
    assert (tmp_path / "rank.png").stat().st_size > 10_000


def only(made, *subjects):
    """Fewer subjects, for speed."""
    made.path.write_text(json.dumps({**made.raw, "subjects": subjects}))


def test_every_stage_goes_on_where_it_stopped(made, capsys):
    only(made, "sub-03")
    for stage in ("decode", "encode"):
        assert bh(stage, *everywhere(made), "--net", "made/one") == 0
        assert bh(stage, *everywhere(made)) == 0
    said = capsys.readouterr().out
    assert said.count("30 jobs: 30 done, 0 were done already") == 2
    assert said.count("60 jobs: 30 done, 30 were done already") == 2
    assert bh("score", *everywhere(made), "--samples", 50, "--output", made.data / "t.csv") == 0
    table = pd.read_csv(made.data / "t.csv").set_index("network")
    assert list(table.index) == ["One", "Two"]  # ranked
    assert table.loc["One", "mean"] > 0.4
    assert table.loc["Two", "mean"] < -0.4


def test_a_failure_is_marked_the_others_go_on_and_the_command_ends_non_zero(made, capsys):
    only(made, "sub-01", "sub-02")
    shutil.rmtree(made.folders.features("ImageNetTest", "made/one") / "layer3")
    bad = made.folders.features("ImageNetTraining", "made/one") / "layer4" / "n3_x.mat"
    raw = bad.read_bytes()
    bad.unlink()
    bad.write_bytes(raw[:900])
    data = ic.read_bdata(made.folders.recording("sub-02", "Training"))
    metadata = {key: row for key, row in data.metadata.items() if key != "ROI_V4"}
    path = made.folders.recording("sub-02", "Training")
    ic.write_bdata(ic.BData(data.dataset, metadata, {}, data.vmap), path)
    asked = [*everywhere(made), "--net", "made/one"]
    for stage, folder in (("decode", "decoding_accuracy"), ("encode", "encoding_accuracy")):
        assert bh(stage, *asked) == 1
        said = capsys.readouterr().out
        # Two layers of 10 jobs each, and one region of one subject in the four others.
        assert "60 jobs: 36 done, 0 were done already, 24 failed." in said
        assert "has no layers 'layer3'" in said
        assert "truncated" in said
        assert "no region 'V4'" in said
        marks = list((made.data / folder).rglob("accuracy.mat.failed.txt"))
        assert len(marks) == 24
        assert not any(mark.with_name("accuracy.mat").exists() for mark in marks)
    assert bh("score", *asked) == 1
    printed = capsys.readouterr()
    assert "0 networks scored, 1 failed." in printed.out
    assert "It failed: " in printed.err
    assert "0 networks" in printed.out


def test_one_network_that_cannot_be_scored_does_not_stop_the_others(made, capsys):
    only(made, "sub-03")
    assert bh("decode", *everywhere(made), "--net", "made/two") == 0
    assert bh("score", *everywhere(made), "--samples", 0) == 1
    printed = capsys.readouterr()
    assert "1 network scored, 1 failed." in printed.out
    assert "failed: score made/one" in printed.err


def test_layers_that_a_network_has_not_are_said_before_anything_is_run(shared, made, capsys):
    raw = {**made.raw, "dnns": {"X": {"dir": "pytorch/AlexNet", "layers": ["conv1", "conv9"]}}}
    made.path.write_text(json.dumps(raw))
    for kind in ("ImageNetTraining", "ImageNetTest"):
        (made.data / "images" / kind).mkdir(parents=True)
        from PIL import Image

        Image.new("RGB", (80, 80)).save(made.data / "images" / kind / "a.png")
    weights = shared / "weights" / "alexnet_features"
    assert bh("extract", *everywhere(made), "--weights", weights) == 1
    assert "has no layers 'conv9' of the settings of 'X'" in capsys.readouterr().out
    assert not list((made.data / "features" / "ImageNetTest" / "pytorch").rglob("conv1/*.mat"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["decode", "--settings", "none.json"], 1, "no settings file"),
        (["decode", "--net", "made/on"], 2, "Did you mean 'made/one'"),
        (["decode", "--data", "/nowhere"], 1, "no data folder '/nowhere'"),
        (["decode", "--workers", "2", "--scheduler", "tcp://x:1"], 2, "either a number of workers"),
        (["encode", "--scheduler", "no://where"], 2, "No Dask scheduler answers"),
        (["extract", "--weights", "x"], 2, "say which with --net"),
        (["score", "--statistic", "T"], 2, "bhscore2021"),
        (["extract"], 1, "no folder .*images"),
    ],
)
def test_wrong_requests_are_sentences(arguments, code, words, made, capsys):
    known = [] if "--settings" in arguments else ["--settings", made.path]
    known += [] if "--data" in arguments else ["--data", made.data]
    assert bh(*arguments, *known) == code
    printed = capsys.readouterr()
    assert re.search(words, printed.out + printed.err)


def run_apart(made, *arguments):
    """The command in a process group of its own, so that all of it can be killed."""
    code = "import sys; from isocortex.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "bh", *arguments, *map(str, everywhere(made))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command,
        start_new_session=True,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_run_with_a_worker_that_is_killed_loses_only_the_job_in_hand(made, capsys):
    only(made, "sub-01")
    first = run_apart(made, "decode", "--workers", "1")
    folder = made.data / "decoding_accuracy"
    started = time.monotonic()
    while len(list(folder.rglob("accuracy.mat"))) < 6:
        assert first.poll() is None, first.communicate()[0]
        assert time.monotonic() - started < 60
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    kept = {path: path.stat().st_mtime_ns for path in folder.rglob("accuracy.mat")}
    assert 6 <= len(kept) < 60
    for path in kept:
        assert read_array(path, "accuracy").shape == (1, 15)  # whole
    assert bh("decode", *everywhere(made)) == 0
    done = 60 - len(kept)
    said = capsys.readouterr().out
    assert f"60 jobs: {done} done, {len(kept)} were done already, 0 failed." in said
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    assert len(list(folder.rglob("accuracy.mat"))) == 60
    # The worker's numbers are those that this process gives.
    alone = Folders(made.data / "alone")
    alone.data.mkdir()
    for part in ("features", "fmri"):
        (alone.data / part).symlink_to(made.data / part)
    for path in list(kept)[:2]:
        *network, layer, subject, region, _ = path.relative_to(folder / "ImageNetTest").parts
        part = ("/".join(network), layer, subject, region)
        assert made.folders.decoding_accuracy(*part) == path
        decode_layer(alone, made.settings, *part)
        ours = read_array(alone.decoding_accuracy(*part), "accuracy")
        np.testing.assert_allclose(ours, read_array(path, "accuracy"), atol=1e-6)


def test_a_cluster_that_exists_is_used(made, capsys):
    pytest.importorskip("distributed")
    from distributed import LocalCluster

    only(made, "sub-02")
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler.listeners[0].contact_address
        code = bh("encode", *everywhere(made), "--net", "made/one", "--scheduler", address)
    assert code == 0
    assert "30 jobs: 30 done" in capsys.readouterr().out
