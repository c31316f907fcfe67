"""Where a study runs: here, or on workers of Dask."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import inf
from typing import Protocol

from isocortex.errors import InputError
from isocortex.jobs.dask import client_of
from isocortex.progress import Shown
from isocortex.study.cluster import cluster_client, refuse_without_cluster
from isocortex.study.dask import DaskRunner
from isocortex.study.extraction import perform_extraction
from isocortex.study.study import Study
from isocortex.study.tasks import Work
from isocortex.study.work import Done, follow, perform

Where = str | int


class Runner(Protocol):
    """Does extractions and batches, and gives what became of each."""

    def work(self, todo: Work) -> Iterator[Done]:
        """Everything, in any order but one: batches of a network after its extraction."""
        ...


@dataclass(frozen=True)
class Here:
    """One thing after the other, in this process."""

    study: Study
    listener: Shown

    def work(self, todo: Work) -> Iterator[Done]:
        """First what needs no extraction, then one network after the other."""
        results = self.study.results
        for batch in todo.ready:
            yield perform(batch, results)
        for each in todo.extractions:
            done = perform_extraction(each, self.study, progress=self.listener)
            yield done
            group = todo.waiting[each.source.name]
            refused = follow(done, group, results)
            yield from (perform(batch, results) for batch in group) if refused is None else refused


def runner_at(where: Where, study: Study, listener: Shown) -> AbstractContextManager[Runner]:
    """The runner for what a user calls ``where``; workers are begun when it is entered.

    Raises
    ------
    InputError
        If it is none of the four, the study has no cluster or its commands are not here, or
        nobody answers at the address.
    """
    if where == "local":
        return nullcontext(Here(study, listener))
    if isinstance(where, int) and not isinstance(where, bool):
        return DaskRunner(study, lambda: client_of(workers=where))
    if where == "cluster":
        refuse_without_cluster(study)
        return DaskRunner(study, lambda: cluster_client(study, listener), inf)
    if isinstance(where, str) and ":" in where:
        with client_of(scheduler=where):
            return DaskRunner(study, lambda: client_of(scheduler=where))
    raise InputError(
        f"where={where!r} is none of: 'local', a number of workers, the address of a Dask "
        "scheduler such as 'tcp://10.0.0.1:8786', or 'cluster' for the [cluster] of the study."
    )
