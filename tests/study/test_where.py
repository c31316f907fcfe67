"""The table is the same wherever it is computed; jobs are asked for as the cluster wants them."""

import shutil

import pandas as pd
import pytest

import isocortex as ic
from isocortex.jobs.dask import client_of
from isocortex.study import cluster
from isocortex.study.cluster import Watchdog, arguments, problems_with, seconds_of_time
from isocortex.study.dask import GPU, DaskRunner, grouped, singles
from isocortex.study.problems import StudyError
from isocortex.study.settings import RSA, Cluster
from isocortex.study.tasks import Batch, Task

pytest.importorskip("distributed")


def numbers(table):
    return table.drop(columns=["seconds"])


def blas_threads():
    import numpy as np  # noqa: F401
    from threadpoolctl import threadpool_info

    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.mark.usefixtures("importable")
def test_the_table_is_the_same_on_a_worker_of_one_thread(done, folder):
    text = (folder / "study.toml").read_text()
    second = text.index('[[network]]\nname = "resnet with seed 1"')
    text = text[:second] + text[text.index("[[recording]]") :]
    with client_of(workers=1) as client:
        assert {n for each in client.run(blas_threads).values() for n in each} <= {1}
        there = ic.run(ic.Study.from_text(text, folder), client.scheduler.address).table()
    here = done.table()
    here = here[here["network"] == "resnet"].reset_index(drop=True)
    here["network"] = here["network"].cat.remove_unused_categories()
    pd.testing.assert_frame_equal(numbers(there), numbers(here), rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@pytest.mark.usefixtures("importable")
def test_the_table_is_the_same_everywhere(done, folder):
    study = ic.Study.from_toml(folder / "study.toml")
    for where in (2, "local"):
        shutil.rmtree(study.results, ignore_errors=True)
        there = numbers(ic.run(study, where).table())
        pd.testing.assert_frame_equal(there, numbers(done.table()), rtol=1e-10, atol=1e-12)


def asked_of(**given):
    return Cluster(**{"scheduler": "slurm", "jobs": 2, "cores": 2, "memory": "6GB", **given})


@pytest.mark.parametrize(
    ("scheduler", "given", "lines"),
    [
        (
            "slurm",
            {"account": "lab", "directives": ["--gres=gpu:1"]},
            [
                *("#SBATCH -p long", "#SBATCH -A lab", "#SBATCH --cpus-per-task=2"),
                *("#SBATCH --mem=6G", "#SBATCH -t 02:00:00", "#SBATCH --gres=gpu:1"),
            ],
        ),
        (
            "slurm",
            {"skip_directives": ["--mem"]},
            ["#SBATCH -p long", "#SBATCH --cpus-per-task=2"],
        ),
        (
            "pbs",
            {"account": "lab"},
            [
                *("#PBS -q long", "#PBS -A lab", "#PBS -l select=1:ncpus=2:mem=5723MB"),
                "#PBS -l walltime=02:00:00",
            ],
        ),
        (
            "lsf",
            {"account": "lab"},
            ["#BSUB -q long", '#BSUB -P "lab"', "#BSUB -n 2", "#BSUB -W 02:00"],
        ),
    ],
)
def test_the_script_of_a_job_asks_for_what_the_study_does(
    scheduler, given, lines, done, tmp_path, monkeypatch
):
    monkeypatch.setattr("dask.config.PATH", str(tmp_path))
    dask_jobqueue = pytest.importorskip("dask_jobqueue")
    asked = asked_of(
        **given, scheduler=scheduler, queue="long", walltime="02:00:00", interface="lo"
    )
    kind = getattr(dask_jobqueue, cluster.KINDS[scheduler])
    with kind(**arguments(asked, done.study)) as made:
        script = made.job_script()
    for line in lines:
        assert line in script.splitlines(), script
    assert cluster.ONE_THREAD in script
    assert " --nthreads 1 " in script
    assert " --nworkers 2 " in script
    assert "--lifetime 118.00m --lifetime-stagger 10s" in script
    if "skip_directives" in given:
        assert "--mem=" not in script


def test_where_jobs_cannot_be_submitted_the_study_is_planned_nonetheless(folder, monkeypatch):
    monkeypatch.setattr(cluster.shutil, "which", lambda _: None)
    text = (folder / "study.toml").read_text() + '\n[cluster]\nscheduler = "slurm"\njobs = 2\n'
    study = ic.Study.from_text(text, folder)
    assert study.settings.cluster is not None
    assert problems_with(study.settings.cluster) == []
    with pytest.raises(ic.InputError, match="the command sbatch, which is not on this machine"):
        ic.run(study, "cluster")
    assert not (folder / "results").exists()


def test_what_slurm_would_never_start_is_told(folder, monkeypatch):
    class Said:
        def __init__(self, code, out="", err=""):
            self.returncode, self.stdout, self.stderr = code, out, err

    def asked(command, script=None):
        if command[0] == "sbatch":
            assert "--cpus-per-task=64" in command
            return Said(1, err="allocation failure: Requested node configuration is not available")
        return Said(0, "PartitionName=long MaxNodes=1 MaxTime=1-00:00:00 State=UP")

    monkeypatch.setattr(cluster.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(cluster, "_asked", asked)
    more = '[cluster]\nscheduler = "slurm"\njobs = 2\ncores = 64\nwalltime = "1-00:00:01"\n'
    first = len((folder / "study.toml").read_text().splitlines())
    text = (folder / "study.toml").read_text() + more
    with pytest.raises(StudyError) as found:
        ic.plan(ic.Study.from_text(text, folder))
    assert [(each.line, each.what) for each in found.value.problems] == [
        (first + 1, "SLURM refuses such jobs: allocation failure: Requested node configuration is "
        "not available."),
        (first + 5, "walltime = '1-00:00:01' is more than the partition's 1-00:00:00: no job would "
        "start."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:10:00", 600), ("1-00:00:00", 86400), ("30:00", 1800), ("02:00:00", 7200)],
)
def test_times_of_jobs(text, seconds):
    assert seconds_of_time(text) == seconds


def test_the_watchdog_asks_for_lost_jobs_and_says_why_there_are_none(monkeypatch):
    class Jobs:
        def __init__(self):
            self.scheduler_info, self.asked = {"workers": {}}, []

        def scale(self, jobs):
            self.asked.append(jobs)

    monkeypatch.setattr(cluster, "LOOK", 0.01)
    monkeypatch.setattr(cluster, "SILENCE", 0.05)
    monkeypatch.setattr(cluster, "_queue", lambda _: "squeue says: 7 PENDING Resources")
    told = []
    jobs = Jobs()
    watchdog = Watchdog(jobs, asked_of(), told.append)
    watchdog.start()
    while not told:
        pass
    watchdog.stop()
    assert set(jobs.asked) == {2}
    assert told[0].note == "no worker yet; squeue says: 7 PENDING Resources"


class Client:
    """Dask's client as far as a runner uses it: what was asked for with which resources."""

    def __init__(self, resources):
        self.resources, self.asked = resources, []

    def scheduler_info(self, n_workers=5):
        known = self.resources if n_workers == -1 else self.resources[:n_workers]
        return {"workers": {str(i): {"resources": each} for i, each in enumerate(known)}}


@pytest.mark.parametrize(
    ("resources", "wanted"), [([{}, {}], {}), ([{}] * 7 + [{GPU: 1}], {GPU: 1}), ([], {})]
)
def test_networks_go_to_workers_with_a_gpu_where_there_are_such(resources, wanted):
    runner = DaskRunner.__new__(DaskRunner)
    runner._client = Client(resources)
    assert runner._wanted() == wanted


def test_tasks_are_sent_together_up_to_a_second_and_suspects_alone():
    tasks = [Task(f"{i}", f"{i}", None, (), "RSA") for i in range(5)]
    method = RSA(name="RSA", kind="rsa")
    batches = [Batch(f"{i}", method, 0, tuple(tasks), f"{i}") for i in range(80)]

    def sizes(seconds, workers):
        return [len(each) for each in grouped(batches, {"RSA": seconds}, workers)]

    assert sizes(0.1, 1) == [2] * 40
    assert sizes(10.0, 1) == [1] * 80
    # Each worker comes back for more, however little there is to do.
    assert sizes(0.0, 1) == [10] * 8
    assert sizes(0.001, 2) == [5] * 16
    assert sizes(0.0, 100) == [1] * 80
    assert [each for group in grouped(batches, {}, 3) for each in group] == batches
    parts = singles(batches[:2])
    assert len(parts) == 10
    assert all(len(each) == 1 and len(each[0].tasks) == 1 for each in parts)
    assert singles(parts[0]) == []
