"""A study as jobs of a real SLURM, from submission to page: ``make test-slurm``."""

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import isocortex as ic
from isocortex.study.problems import StudyError

SCRIPT = Path(__file__).with_name("slurm.sh")
SLOWER = Path(__file__).parents[1] / "study" / "interrupted.py"
STUDY = """
[study]
name = "digits"
[stimuli]
dataset = "digits69"
[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "linear"]
[[network]]
name = "resnet with seed 1"
source = "cifar10_resnet20"
weights = "random"
seed = 1
layers = ["conv1", "layer2.0", "linear"]
[[recording]]
name = "fMRI"
dataset = "digits69"
[[method]]
name = "RSA"
kind = "rsa"
permutations = 200
[[method]]
name = "CKA"
kind = "similarity"
[[method]]
name = "encoding"
kind = "encoding"
[cluster]
scheduler = "slurm"
jobs = 2
cores = 1
memory = "1500MB"
walltime = "00:10:00"
queue = "short"
interface = "lo"
"""
N_NUMBERS = 3 * (7 + 3)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if shutil.which("sbatch") is None:
        pytest.fail("no sbatch here: apt-get install --no-install-recommends slurm-wlm munge")
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run([SCRIPT, "start", folder], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        yield folder
    subprocess.run([SCRIPT, "stop", folder], check=True)


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Workers write each record into it, and take their time."""
    path = tmp_path / "log.jsonl"
    path.touch()
    monkeypatch.setenv("STUDY_TEST_LOG", str(path))
    monkeypatch.setenv("STUDY_TEST_SLOWER", "0")
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", str(SLOWER))
    return path


def numbers(table):
    return table.drop(columns=["seconds"])


def jobs():
    asked = ["squeue", "--noheader", "--states=RUNNING", "--name=dask-worker", "--format=%i"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


def keys(log):
    return [json.loads(line)[0] for line in log.read_text().splitlines()]


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return numbers(ic.run(ic.Study.from_text(STUDY, tmp_path_factory.mktemp("here"))).table())


def test_from_submission_to_page(slurm, tmp_path, here):
    (tmp_path / "study.toml").write_text(STUDY)
    command = [sys.executable, "-c", "from isocortex.cli import main; main()", "study"]
    for step in (["plan"], ["run"], ["table"], ["report"]):
        where = ["--where", "cluster"] if step == ["run"] else []
        done = subprocess.run(
            [*command, *step, "study.toml", *where], cwd=tmp_path, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert (tmp_path / "results" / "report.html").stat().st_size > 500_000
    table = pd.read_parquet(tmp_path / "results" / "results.parquet")
    pd.testing.assert_frame_equal(numbers(table), here, rtol=1e-10, atol=1e-12)
    assert jobs() == []


def test_a_job_that_is_cancelled_is_replaced(slurm, tmp_path, log, monkeypatch, here):
    monkeypatch.setenv("STUDY_TEST_SLOWER", "2")
    monkeypatch.setitem(
        sys.modules["isocortex.jobs.dask"].SETTINGS,
        "distributed.deploy.lost-worker-timeout",
        "5s",
    )
    seen, cancelled = set(), []

    def cancel():
        while len(keys(log)) < 4 or len(jobs()) < 2:
            time.sleep(0.1)
        cancelled.append(sorted(jobs())[0])
        subprocess.run(["scancel", cancelled[0]], check=True)

    def watch():
        while not over.wait(0.5):
            seen.update(jobs())

    over = threading.Event()
    threads = [threading.Thread(target=each, daemon=True) for each in (cancel, watch)]
    for each in threads:
        each.start()
    result = ic.run(ic.Study.from_text(STUDY, tmp_path), where="cluster")
    over.set()
    threads[1].join()
    assert len(cancelled) == 1
    assert len(seen) >= 3, "the job that was cancelled was not replaced"
    assert len(result.failed) == 0
    pd.testing.assert_frame_equal(numbers(result.table()), here, rtol=1e-10, atol=1e-12)
    found = keys(log)
    assert len(found) == len(set(found)) == N_NUMBERS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cores = 1", "cores = 500", "SLURM refuses such jobs"),
        ('"1500MB"', '"9000GB"', "SLURM refuses such jobs"),
        ('"00:10:00"', '"02:00:00"', "walltime = '02:00:00' is more than the partition's 01:00:00"),
        ('"short"', '"long"', "(?i)SLURM refuses such jobs: .*invalid partition"),
        ('"lo"', '"lo"\ndirectives = ["--gres=gpu:1"]', "SLURM refuses such jobs"),
    ],
)
def test_jobs_that_would_never_start_are_found_by_plan(slurm, tmp_path, old, new, said):
    assert old in STUDY
    with pytest.raises(StudyError, match=said) as found:
        ic.plan(ic.Study.from_text(STUDY.replace(old, new), tmp_path))
    first = "walltime" if said.startswith("walltime") else "[cluster]"
    lines = [n for n, line in enumerate(STUDY.splitlines(), 1) if line.startswith(first)]
    assert [each.line for each in found.value.problems] == lines
    assert list(tmp_path.iterdir()) == []
