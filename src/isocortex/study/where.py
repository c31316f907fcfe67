"""Where a study runs: here, or on workers of Dask."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from isocortex.errors import InputError
from isocortex.jobs.dask import client_of
from isocortex.progress import Shown
from isocortex.study.dask import DaskRunner
from isocortex.study.plan import StudyPlan
from isocortex.study.study import Study
from isocortex.study.tasks import Batch, Extraction
from isocortex.study.work import Done, perform, perform_extraction

Where = str | int


class Runner(Protocol):
    """Does extractions and batches, and gives what became of each."""

    def extractions(self, plan: StudyPlan, todo: Sequence[Extraction]) -> Iterator[Done]:
        """Extract networks, in any order."""
        ...

    def batches(self, plan: StudyPlan, todo: Sequence[Batch]) -> Iterator[Done]:
        """Compute batches, in any order."""
        ...


@dataclass(frozen=True)
class Here:
    """One thing after the other, in this process."""

    listener: Shown

    def extractions(self, plan: StudyPlan, todo: Sequence[Extraction]) -> Iterator[Done]:
        """Extract one network after the other."""
        study = plan.study
        for each in todo:
            yield perform_extraction(each, study.folder, study.results, plan.stimuli, self.listener)

    def batches(self, plan: StudyPlan, todo: Sequence[Batch]) -> Iterator[Done]:
        """Compute one batch after the other."""
        for batch in todo:
            yield perform(batch, plan.study.results)


def runner_at(where: Where, study: Study, listener: Shown) -> AbstractContextManager[Runner]:
    """The runner for what a user calls ``where``.

    Raises
    ------
    InputError
        If it is none of the four, the study has no cluster, or nobody answers.
    """
    if where == "local":
        return nullcontext(Here(listener))
    if isinstance(where, int) and not isinstance(where, bool):
        return DaskRunner(lambda: client_of(workers=where))
    if where == "cluster":
        from isocortex.study.cluster import cluster_client

        return DaskRunner(lambda: cluster_client(study))
    if isinstance(where, str) and ":" in where:
        return DaskRunner(lambda: client_of(scheduler=where))
    raise InputError(
        f"where={where!r} is none of: 'local', a number of workers, the address of a Dask "
        "scheduler such as 'tcp://10.0.0.1:8786', or 'cluster' for the [cluster] of the study."
    )
