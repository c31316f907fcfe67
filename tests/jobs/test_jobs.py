import os
import signal
import threading

import pytest

from isocortex.errors import InputError, IsocortexError, StorageError
from isocortex.jobs.dask import NO_DASHBOARD, Flight, client_of, run_on_dask
from isocortex.jobs.jobs import Job, attempt
from isocortex.jobs.local import run_here
from isocortex.store.atomic import whole, whole_folder


def write(path, text="done"):
    with whole(path) as draft:
        draft.write_text(text)


def fail(path, kind):
    raise kind("the reason")


@pytest.fixture
def jobs(tmp_path):
    return [
        Job("first", write, (tmp_path / "a" / "r",), (tmp_path / "a" / "r",)),
        Job("second", fail, (tmp_path / "b" / "r", InputError), (tmp_path / "b" / "r",)),
        Job("third", fail, (tmp_path / "c" / "r", ZeroDivisionError), (tmp_path / "c" / "r",)),
        Job("fourth", write, (tmp_path / "d" / "r",), (tmp_path / "d" / "r",)),
    ]


def test_a_failure_is_marked_and_the_others_go_on(jobs, tmp_path):
    events = []
    summary = run_here(jobs, events.append, "test")
    assert [each.state for each in summary.outcomes] == ["done", "failed", "failed", "done"]
    assert (tmp_path / "b" / "r.failed.txt").read_text() == "second\nthe reason\n"
    assert str(summary).splitlines() == [
        "4 jobs: 2 done, 0 were done already, 2 failed.",
        "failed: second",
        "    the reason",
        "failed: third",
        "    ZeroDivisionError: the reason",
    ]
    assert [(e.done, e.total) for e in events] == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_what_is_done_is_skipped_and_a_success_takes_the_mark_away(jobs, tmp_path):
    run_here(jobs)
    mended = Job("second", write, (tmp_path / "b" / "r",), (tmp_path / "b" / "r",))
    before = (tmp_path / "a" / "r").stat().st_mtime_ns
    summary = run_here([jobs[0], mended])
    assert [each.state for each in summary.outcomes] == ["skipped", "done"]
    assert (tmp_path / "a" / "r").stat().st_mtime_ns == before
    assert not (tmp_path / "b" / "r.failed.txt").exists()


def test_one_reason_of_many_jobs_is_said_once(tmp_path):
    jobs = [
        Job(f"job {i}", fail, (tmp_path / str(i), InputError), (tmp_path / str(i),))
        for i in range(5)
    ]
    assert "failed: job 0 and 4 more\n    the reason" in str(run_here(jobs))


def test_two_at_once_write_the_same_file_and_none_is_spoilt(tmp_path):
    path = tmp_path / "r"
    barrier = threading.Barrier(4)

    def slowly():
        with whole(path) as draft:
            barrier.wait()
            for _ in range(200):
                with draft.open("a") as file:
                    file.write("x" * 100)

    threads = [threading.Thread(target=slowly) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "x" * 20_000
    assert [each.name for each in tmp_path.iterdir()] == ["r"]


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    def half():
        with whole_folder(tmp_path / "r") as draft:
            (draft / "one").write_text("1")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert list(tmp_path.iterdir()) == []
    for text in ("first", "second"):
        with whole_folder(tmp_path / "r") as draft:
            (draft / "one").write_text(text)
    assert (tmp_path / "r" / "one").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StorageError, match="cannot be written"),
        whole_folder(tmp_path / "file" / "r"),
    ):
        pass


def test_attempt_leaves_interrupts_alone(tmp_path):
    job = Job("x", fail, (tmp_path / "r", KeyboardInterrupt), (tmp_path / "r",))
    with pytest.raises(KeyboardInterrupt):
        attempt(job)


def die(path):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("importable")
def test_a_job_that_kills_its_workers_costs_itself_alone(tmp_path):
    pytest.importorskip("distributed")
    jobs = [
        Job(f"{i}", die if i == 1 else write, (tmp_path / f"{i}",), (tmp_path / f"{i}",))
        for i in range(6)
    ]
    with client_of(workers=2) as client:
        assert set(client.run(signal.getsignal, signal.SIGINT).values()) == {signal.SIG_IGN}
        assert set(client.run(os.environ.get, "OMP_NUM_THREADS").values()) == {"1"}
        summary = run_on_dask(jobs, client)
    assert [each.name for each in summary.failed] == ["1"]
    assert all((tmp_path / f"{i}").exists() for i in range(6) if i != 1)
    assert "its worker failed: KilledWorker" in summary.failed[0].reason


def test_a_scheduler_without_workers_is_given_up(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("isocortex.jobs.dask.LOOK", 0.05)
    options = {"n_workers": 0, "processes": False, "scheduler_kwargs": NO_DASHBOARD}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        flight = Flight(client, patience=0.1)
        flight.send("a", write, tmp_path / "a")
        with pytest.raises(IsocortexError, match="has had no worker for 0 s. What was finished"):
            flight.next()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "either a number of workers or the address"),
        ({"workers": 1, "scheduler": "tcp://x:1"}, "either a number of workers"),
        ({"workers": 0}, "workers=0 must be 1 or more"),
        ({"scheduler": "no://where"}, "No Dask scheduler answers at 'no://where'"),
    ],
)
def test_a_wrong_place_to_run_is_a_sentence(arguments, words):
    with pytest.raises(InputError, match=words), client_of(**arguments):
        pass
