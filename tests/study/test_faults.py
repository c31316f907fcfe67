"""Faults with real processes: whatever is killed, the table is that of an undisturbed run."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest

import isocortex as ic
from isocortex.jobs.records import Recorder
from isocortex.study.recordings import Recorded
from isocortex.study.result import StudyResult

pytest.importorskip("distributed")

SCRIPT = Path(__file__).with_name("interrupted.py")
SMALL = """
[study]
name = "tiny"
[stimuli]
folder = "images"
[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1", "layer2.0", "linear"]
[[recording]]
name = "fMRI"
files = "fmri/{subject}_{region}.npz"
[[method]]
name = "RSA"
kind = "rsa"
[[method]]
name = "CKA"
kind = "similarity"
"""
N_NUMBERS = 3 * 6 * 2 + 4


class Runs:
    """Processes of one study, and what they have recorded."""

    def __init__(self, folder, slower):
        self.folder, self.slower = folder, slower
        self.path, self.log = folder / "study.toml", folder / "log.jsonl"
        self.log.touch()

    def start(self, where="local"):
        return subprocess.Popen(
            [sys.executable, SCRIPT, self.path, str(where)],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def env(self):
        return {
            **os.environ,
            "STUDY_TEST_LOG": str(self.log),
            "STUDY_TEST_SLOWER": str(self.slower),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
        }

    def wait_for(self, n, process, seconds=200):
        """Until so many numbers are recorded, or the run has ended."""
        end = time.monotonic() + seconds
        while len(self.log.read_text().splitlines()) < n and process.poll() is None:
            assert time.monotonic() < end, "nothing is recorded"
            time.sleep(0.02)

    def wait_for_some(self, chance, process):
        """Until a few more are recorded, and a moment longer."""
        there = len(self.log.read_text().splitlines())
        self.wait_for(there + chance.randint(0, 4), process)
        time.sleep(chance.uniform(0, 1))

    def twice(self):
        """Numbers that were recorded more than once."""
        rows = [json.loads(line) for line in self.log.read_text().splitlines()]
        counts = Counter(key for key, error, _ in rows if not error)
        return {key: n for key, n in counts.items() if n > 1}, len(counts)


@pytest.fixture
def runs(material, tmp_path):
    for name in ("images", "fmri"):
        (tmp_path / name).symlink_to(material / name)
    (tmp_path / "study.toml").write_text(SMALL)
    return Runs(tmp_path, 0.05)


@pytest.fixture(scope="module")
def undisturbed(material, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("images", "fmri"):
        (folder / name).symlink_to(material / name)
    return numbers(ic.run(ic.Study.from_text(SMALL, folder)).table())


def numbers(table):
    """What a table says, without how long it took."""
    return table.drop(columns=["seconds"]).reset_index(drop=True)


def the_same(runs, undisturbed):
    found = ic.run(ic.Study.from_toml(runs.path))
    assert len(found.failed) == 0
    pd.testing.assert_frame_equal(numbers(found.table()), undisturbed, rtol=1e-10, atol=1e-12)
    assert not list((runs.folder / "results" / "leases").iterdir())
    return found


def ended(process, seconds=300):
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def kill_all(process):
    with suppress(ProcessLookupError):  # It may have come to its end a moment before.
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def workers_of(process):
    import psutil

    found = psutil.Process(process.pid).children(recursive=True)
    return [each for each in found if "spawn_main" in " ".join(each.cmdline())]


@pytest.fixture
def logged(runs, monkeypatch):
    """Records of this process stand in the log, too."""
    monkeypatch.setenv("STUDY_TEST_LOG", str(runs.log))
    plain = Recorder.write

    def write(self, record):
        plain(self, record)
        with runs.log.open("a") as file:
            file.write(json.dumps([record["key"], record.get("error", ""), 0]) + "\n")

    monkeypatch.setattr(Recorder, "write", write)


def test_two_runs_share_the_work_and_one_that_is_killed_loses_nothing(runs, undisturbed, logged):
    other = runs.start()
    runs.wait_for(6, other)

    def end():
        runs.wait_for(12, other)
        kill_all(other)

    killer = Thread(target=end)
    killer.start()
    the_same(runs, undisturbed)
    killer.join()
    assert other.returncode == -signal.SIGKILL
    assert runs.twice()[0] == {}


@pytest.mark.slow
def test_two_runs_share_the_work_and_what_ends_them_loses_nothing(runs, undisturbed, logged):
    first, second = runs.start(), runs.start()
    runs.wait_for(6, first)
    first.send_signal(signal.SIGTERM)
    code, out, said = ended(first)
    assert (code, out) == (143, "")
    assert said == "isocortex: stopped by SIGTERM. What was finished is kept.\n"
    runs.wait_for(16, second)
    kill_all(second)
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


def of_bob(layers):
    """The study with one person and one method."""
    text = SMALL.replace('["conv1", "layer2.0", "linear"]', layers)
    text = text.replace('_{region}.npz"', '_{region}.npz"\nsubjects = ["bob"]')
    return text.replace('[[method]]\nname = "CKA"\nkind = "similarity"', "")


@pytest.mark.slow
def test_a_worker_that_dies_of_a_task_costs_that_task_alone(runs, monkeypatch):
    runs.path.write_text(of_bob('["conv1", "linear"]'))
    monkeypatch.setenv("STUDY_TEST_DEADLY", "bob IT")
    code, out, said = ended(runs.start(2), 400)
    assert (code, out, said) == (0, "2 failed\n", "")
    found = StudyResult(ic.plan(ic.Study.from_toml(runs.path)))
    assert list(found.failed["task"]) == ["RSA resnet conv1 bob IT", "RSA resnet linear bob IT"]
    assert found.failed["reason"].str.contains("its worker died").all()
    assert found.plan.n_done == 2
    assert runs.twice() == ({}, 2)


class Dask:
    """A scheduler and workers as processes of their own."""

    def __init__(self, runs, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address, self.env = f"tcp://127.0.0.1:{port}", runs.env
        self.processes = []
        place = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self.scheduler = self.begin("scheduler", *place)
        self.options = options

    def begin(self, what, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            command, env=self.env, start_new_session=True, stdout=nowhere, stderr=nowhere
        )
        self.processes.append(process)
        return process

    def workers(self, n):
        common = ("--nthreads", "1", "--no-dashboard", "--preload", str(SCRIPT))
        for _ in range(n):
            self.begin("worker", self.address, *common, *self.options)

    def end(self):
        for each in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


@pytest.fixture
def dask(runs):
    made = []

    def make(*options):
        made.append(Dask(runs, *options))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.mark.slow
def test_a_scheduler_that_dies_is_a_sentence_and_loses_nothing(runs, undisturbed, dask, logged):
    there = dask("--no-nanny")
    there.workers(1)
    process = runs.start(there.address)
    runs.wait_for(8, process)
    there.scheduler.kill()
    code, out, said = ended(process)
    assert (code, out) == (1, "")
    assert said.startswith("isocortex: The scheduler of Dask is gone")
    assert said.count("\n") == 1
    there.end()
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


def test_a_scheduler_that_does_not_answer_is_told_before_any_work(runs, monkeypatch):
    monkeypatch.setattr("isocortex.jobs.dask.ANSWER", 1.0)
    with pytest.raises(ic.InputError, match="No Dask scheduler answers at 'tcp://127.0.0.1:1'"):
        ic.run(ic.Study.from_toml(runs.path), where="tcp://127.0.0.1:1")
    assert not (runs.folder / "results").exists()


@pytest.fixture
def disk(runs):
    """A disk of 2 MB at the folder of results."""
    place = runs.folder / "results"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")

    def remount(options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)

    yield remount
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_a_sentence_and_loses_nothing(runs, undisturbed, disk, logged):
    study = ic.Study.from_toml(runs.path)
    filler = study.results / "filler"
    plain, written = Recorder._append, []

    def fill(self, line):
        written.append(line)
        if len(written) == 9:
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"0" * 4096)
        plain(self, line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recorder, "_append", fill)
        with pytest.raises(ic.IsocortexError, match="No space left"):
            ic.run(study)
    filler.unlink()
    assert ic.plan(study).n_done >= 8
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


def test_a_folder_that_is_read_only_is_told_before_any_work(runs, disk):
    disk("ro")
    with pytest.raises(ic.InputError, match="cannot be written to, where results are to go"):
        ic.run(ic.Study.from_toml(runs.path))


def test_a_finished_study_is_read_where_nothing_can_be_written(runs, undisturbed, disk):
    study = ic.Study.from_toml(runs.path)
    ic.run(study)
    disk("ro")
    pd.testing.assert_frame_equal(numbers(ic.run(study).table()), undisturbed)
    ic.report(ic.run(study), runs.folder / "page.html")


def test_a_task_that_lacks_memory_here_costs_that_task_alone(runs, undisturbed, monkeypatch):
    load = Recorded.load

    def greedy(self):
        if (self.subject, self.region) == ("bob", "IT"):
            raise MemoryError("Unable to allocate 8 TiB")
        return load(self)

    study = ic.Study.from_toml(runs.path)
    ic.plan(study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("isocortex.study.work._recording", greedy)
        found = ic.run(study)
    reasons = set(found.failed["reason"])
    assert reasons == {"there is too little memory for it (Unable to allocate 8 TiB)"}
    assert found.plan.n_done == N_NUMBERS - 6 - 2
    the_same(runs, undisturbed)


@pytest.mark.slow
def test_an_interrupt_of_run_and_workers_is_one_sentence(runs, undisturbed, logged):
    runs.slower = 0.5
    process = runs.start(2)
    runs.wait_for(3, process)
    os.killpg(process.pid, signal.SIGINT)
    said = "isocortex: stopped. What was finished is kept.\n"
    assert ended(process) == (130, "", said)
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


@pytest.mark.slow
def test_ten_kills_of_a_run_at_random_moments(runs, undisturbed, logged):
    chance = random.Random(7)
    for k in range(10):
        process = runs.start(where=("local", 2)[k % 2])
        runs.wait_for_some(chance, process)
        kill_all(process)
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


@pytest.mark.slow
def test_ten_kills_of_a_worker_at_random_moments(runs, undisturbed, logged):
    chance = random.Random(8)
    runs.slower = 0.4
    process = runs.start(2)
    runs.wait_for(1, process)
    for _ in range(10):
        alive = workers_of(process)
        if alive:
            chance.choice(alive).kill()
        time.sleep(chance.uniform(0.5, 3))
    code, out, _ = ended(process)
    assert (code, out) == (0, "0 failed\n")
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


@pytest.mark.slow
def test_ten_kills_of_a_scheduler_at_random_moments(runs, undisturbed, dask, logged):
    chance = random.Random(9)
    for _ in range(10):
        there = dask("--no-nanny")
        there.workers(2)
        process = runs.start(there.address)
        runs.wait_for_some(chance, process)
        there.scheduler.kill()
        code, _, said = ended(process)
        assert code == 0 or said.count("\n") == 1, said
        there.end()
    the_same(runs, undisturbed)
    assert runs.twice()[0] == {}


@pytest.mark.slow
def test_a_worker_that_is_killed_for_memory(runs, dask, monkeypatch):
    runs.path.write_text(of_bob('["linear"]'))
    monkeypatch.setenv("STUDY_TEST_DEADLY", "bob IT")
    monkeypatch.setenv("STUDY_TEST_GREEDY", "1")
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
    there = dask("--memory-limit", "1500MB")
    there.workers(2)
    assert ended(runs.start(there.address), 500)[0] == 0
    found = StudyResult(ic.plan(ic.Study.from_toml(runs.path)))
    assert list(found.failed["task"]) == ["RSA resnet linear bob IT"]
    assert found.failed["reason"].str.contains("its worker died").all()
    assert runs.twice() == ({}, 1)
