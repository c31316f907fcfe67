"""A study on workers of Dask: what travels is the path and key of a layer, never its numbers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from isocortex.errors import IsocortexError, StorageError
from isocortex.jobs.records import recorder_of
from isocortex.study.plan import StudyPlan
from isocortex.study.tasks import Batch, Extraction
from isocortex.study.work import Done, perform, perform_extraction

GPU = "GPU"
AIM = 1.0
"""Seconds of work that one task of Dask should have: its own cost is some milliseconds."""
MOST = 200
RETRIES = 2


class DaskRunner:
    """Runs on a client of Dask, which ``make`` opens."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]):
        self._make = make
        self._stack = ExitStack()
        self._client: Any = None

    def __enter__(self) -> "DaskRunner":
        self._client = self._stack.enter_context(self._make())
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def extractions(self, plan: StudyPlan, todo: Sequence[Extraction]) -> Iterator[Done]:
        """Extract on workers that have a GPU, if there are such."""
        study = plan.study
        if not todo:
            return
        wanted = {GPU: 1} if self._has_gpu() else {}
        stimuli = plan.stimuli
        futures = {
            self._client.submit(
                perform_extraction,
                each,
                study.folder,
                study.results,
                stimuli,
                key=f"{each.name}-{each.layers[0].key}",
                retries=RETRIES,
                resources=wanted,
                pure=False,
            ): each
            for each in todo
        }
        for future, outcome in self._completed(futures):
            each = futures[future]
            yield (
                outcome
                if isinstance(outcome, Done)
                else Done(each.name, failed=((each.name, str(outcome)),))
            )

    def batches(self, plan: StudyPlan, todo: Sequence[Batch]) -> Iterator[Done]:
        """Compute groups of batches; what kills its worker is tried alone, and then given up."""
        results = plan.study.results
        waiting = list(grouped(todo, plan.seconds / max(sum(len(b.tasks) for b in todo), 1)))
        while waiting:
            futures = {
                self._client.submit(
                    perform_all,
                    group,
                    results,
                    key=f"{group[0].method.kind}-{group[0].key}-{i}",
                    retries=RETRIES,
                    pure=False,
                ): group
                for i, group in enumerate(waiting)
            }
            waiting = []
            for future, outcome in self._completed(futures):
                group = futures[future]
                if isinstance(outcome, Exception):
                    parts = smaller(group)
                    waiting += parts
                    if not parts:
                        yield _gave_up(group[0], outcome, results)
                else:
                    yield from outcome

    def _completed(self, futures: Any) -> Iterator[tuple[Any, Any]]:
        """Each future with its result or error, as they come.

        Raises
        ------
        IsocortexError
            If the scheduler is gone.
        """
        from distributed import CancelledError, as_completed

        for future in as_completed(futures):
            try:
                outcome = future.result()
            except CancelledError as error:
                raise IsocortexError(
                    "The scheduler of Dask is gone, or no longer answers. What was recorded is "
                    "kept: run the study again, and it goes on from there."
                ) from error
            except StorageError:
                raise
            except Exception as error:
                outcome = error
            yield future, outcome

    def _has_gpu(self) -> bool:
        workers = self._client.scheduler_info()["workers"].values()
        return any(worker.get("resources", {}).get(GPU) for worker in workers)


def grouped(todo: Sequence[Batch], seconds: float) -> Iterator[list[Batch]]:
    """Batches together that are about a second of work; ``seconds`` is that of one task."""
    group: list[Batch] = []
    work = 0.0
    for batch in todo:
        group.append(batch)
        work += seconds * len(batch.tasks)
        if work >= AIM or len(group) >= MOST:
            yield group
            group, work = [], 0.0
    if group:
        yield group


def smaller(group: Sequence[Batch]) -> list[list[Batch]]:
    """Each batch by itself; of a single one each task; of a single task nothing."""
    if len(group) > 1:
        return [[batch] for batch in group]
    batch = group[0]
    if len(batch.tasks) > 1:
        return [[replace(batch, tasks=(task,))] for task in batch.tasks]
    return []


def perform_all(batches: Sequence[Batch], results: Path) -> list[Done]:
    """What a worker does with a group."""
    return [perform(batch, results) for batch in batches]


def _gave_up(batch: Batch, error: Exception, results: Path) -> Done:
    """A task that killed each worker that tried it."""
    task = batch.tasks[0]
    reason = f"its worker died ({type(error).__name__}), as it does where memory is lacking"
    recorder_of(results).write({"key": task.key, "error": reason})
    return Done(batch.name, failed=((task.name, reason),))
