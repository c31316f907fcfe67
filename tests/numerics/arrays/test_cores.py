"""What limits threads, by counts: no clock is needed."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import isocortex as ic
from isocortex.numerics.arrays import cores


def blas_threads():
    return max(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")


@pytest.fixture
def roomy(monkeypatch):
    """A machine of eight cores, whose linear algebra was given as many threads."""
    monkeypatch.setattr(cores, "_affinity", lambda: 8)
    with threadpool_limits(8, user_api="blas"):
        yield


def in_a_verb(_=None):
    """How many cores a verb may use where this runs, and the threads of linear algebra in it."""
    seen = []

    def measured(*_):
        seen.append((cores.cores(), blas_threads()))
        return np.zeros(3)

    names = [f"s{i}" for i in range(12)]
    x = ic.Responses(np.random.default_rng(0).normal(size=(12, 3)), names)
    ic.encode(x, x, ic.SelectiveRidge(2), folds=2, accuracy=measured)
    return max(seen)


@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
class TestBesideOthers:
    def test_alone_a_verb_has_the_cores(self, roomy):
        assert cores.cores() == 8

    def test_the_threads_of_linear_algebra_are_a_limit(self, roomy):
        with threadpool_limits(3, user_api="blas"):
            assert cores.cores() == 3
            with cores.one_blas_thread():  # which is not what this process was given
                assert cores.cores() == 3

    @pytest.mark.parametrize(("given", "n"), [("2", 2), ("20", 8), ("", 8), ("many", 8), ("0", 8)])
    def test_slurm_says_how_many(self, roomy, monkeypatch, given, n):
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", given)
        assert cores.cores() == n
        assert in_a_verb()[1] <= n

    @pytest.mark.parametrize(
        ("text", "n"), [("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("?", 8)]
    )
    def test_a_container_may_have_less(self, roomy, monkeypatch, tmp_path, text, n):
        (tmp_path / "cpu.max").write_text(text, encoding="utf8")
        monkeypatch.setattr(cores, "_QUOTA", tmp_path / "cpu.max")
        cores._quota.cache_clear()
        try:
            assert cores.cores() == n
        finally:
            cores._quota.cache_clear()

    def test_threads_of_joblib_have_one_each(self, roomy):
        found = joblib.Parallel(n_jobs=2, backend="threading")(
            joblib.delayed(in_a_verb)() for _ in range(4)
        )
        assert found == [(1, 1)] * 4
        assert blas_threads() == 8

    def test_folds_of_an_estimator_in_threads_of_joblib_have_one_each(self, roomy):
        seen = []

        class Looks:
            def fit(self, x, y):
                seen.append(blas_threads())
                self.mean_ = y.mean(0)
                return self

            def predict(self, x):
                return np.tile(self.mean_, (len(x), 1))

        names = [f"s{i}" for i in range(12)]
        x = ic.Responses(np.random.default_rng(0).normal(size=(12, 3)), names)
        with joblib.parallel_config("threading", n_jobs=2):
            ic.encode(x, x, Looks(), folds=3)
        assert seen == [1, 1, 1]

    def test_tasks_of_dask_have_one_each(self, roomy):
        distributed = pytest.importorskip("distributed")
        cluster = distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        )
        with cluster, distributed.Client(cluster) as client:
            assert client.gather(client.map(in_a_verb, range(3))) == [(1, 1)] * 3
        assert cores.cores() == 8

    def test_threads_of_the_caller_share_the_cores(self, roomy):
        ready = threading.Barrier(4)

        def one(_):
            team = cores.Team(8)
            ready.wait()
            team.close()
            return team.size

        with ThreadPoolExecutor(4) as pool:
            sizes = list(pool.map(one, range(4)))
        assert sorted(sizes) == [1, 1, 1, 8]
        assert cores._BUSY.n == 0


@pytest.mark.slow
def test_processes_of_joblib_keep_to_their_limit():
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        found = joblib.Parallel()(joblib.delayed(in_a_verb)() for _ in range(2))
    assert found == [(1, 1)] * 2


def test_limits_that_overlap_in_two_threads_leave_nothing_behind():
    with threadpool_limits(4, user_api="blas"):
        first, second = cores.at_most(1), cores.at_most(2)
        first.__enter__()
        second.__enter__()
        assert blas_threads() == 1
        first.__exit__(None, None, None)
        assert blas_threads() == 2
        second.__exit__(None, None, None)
        assert blas_threads() == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_waits_for_no_lock():
    with cores._BUSY.lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if cores.Team(1).size == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
