"""The verb ``run``: do what a study asks for, here or on many machines; go on where it stopped."""

import time
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from isocortex.data.needs import door
from isocortex.progress import Job, Shown
from isocortex.study.asked import can_be_written
from isocortex.study.known import known_records
from isocortex.study.plan import StudyPlan, plan
from isocortex.study.result import StudyResult
from isocortex.study.results import compact, sign
from isocortex.study.study import Study
from isocortex.study.tasks import Batch, Work
from isocortex.study.where import Runner, Where, runner_at

WAIT, LONGEST_WAIT = 0.5, 5.0
"""Seconds until one looks again at what another run has in hand: twice as many each time."""


@door
def run(study: Study, where: Where = "local", *, progress: Shown = None) -> StudyResult:
    """Compute what a study asks for; what is there is not computed again.

    It may be killed at any moment: each number is recorded as soon as it is known, and the next run
    goes on from there. A number is kept under a key of all that it follows from (weights,
    preprocessing, stimuli, recording, layer, method, version of the formulas), so that a change
    computes anew what depends on it, and nothing else. Two runs of one study at once share the
    work. A task that fails is recorded with its reason, does not stop the others, and is tried
    again by the next run.

    Parameters
    ----------
    study : Study
        Read by :meth:`Study.from_toml` or :meth:`Study.from_text`.
    where : "local", int, str or "cluster", default="local"
        ``"local"``: in this process. A number: so many processes, each with one thread. An address
        such as ``"tcp://10.0.0.1:8786"``: a scheduler of Dask. ``"cluster"``: jobs as the study's
        ``[cluster]`` says.
    progress : bool or function, optional
        True draws a bar; a function is told each network and each batch of numbers.

    Returns
    -------
    StudyResult
        ``table()``; the same as ``results.parquet`` in the study's folder of results, beside a
        copy of the study and the versions of what computed it.

    Raises
    ------
    InputError
        As :func:`plan`, before any work.
    StorageError
        If the disk is full or may not be written to; what was recorded is kept.
    IsocortexError
        If the scheduler of Dask is gone.

    See Also
    --------
    plan : What it would do.
    report : A page that shows what came out.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> text = '''
    ... [study]
    ... name = "digits"
    ... [stimuli]
    ... dataset = "digits69"
    ... [[network]]
    ... name = "resnet20"
    ... source = "cifar10_resnet20"
    ... weights = "random"
    ... layers = ["conv1"]
    ... [[recording]]
    ... name = "fMRI"
    ... dataset = "digits69"
    ... [[method]]
    ... name = "CKA"
    ... kind = "similarity"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     result = ic.run(ic.Study.from_text(text, folder))
    >>> result
    StudyResult('digits': 1 number)
    """
    runs_there = runner_at(where, study, progress)
    todo = plan(study)
    if todo.n_done == todo.n_tasks and not can_be_written(study.results):
        return StudyResult(todo)
    sign(study, todo.files)
    if todo.n_done < todo.n_tasks:
        with runs_there as runner:
            _work(todo, runner, progress)
    compact(study.results)
    result = StudyResult(replace(todo, known=known_records(study.results)))
    result.write()
    return result


def _work(todo: StudyPlan, runner: Runner, progress: Shown) -> None:
    """All that is left, and again as long as another run has some of it in hand."""
    left = todo.todo()
    wait = WAIT
    with Job(progress, f"study {todo.study.name}", todo.n_tasks) as job:
        while left:
            busy = _round(todo, left, runner, job)
            if not busy:
                return
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            todo = replace(todo, known=known_records(todo.study.results))
            left = [batch for batch in todo.todo() if batch.name in busy]


def _round(todo: StudyPlan, left: Sequence[Batch], runner: Runner, job: Job) -> set[str]:
    """Do what is left once; give the names of the batches that another run has in hand."""
    batches: dict[str, list[Batch]] = {}
    for batch in left:
        layer = batch.tasks[0].layer
        batches.setdefault(layer.network if layer else "", []).append(batch)
    missing = [each for each in todo.extractions if each.passes and each.source.name in batches]
    extracted = {each.name for each in missing}
    seconds = {method: each for (method, _), each in sorted(todo.each.items(), key=itemgetter(1))}
    done, busy = todo.n_done, set()
    for each in runner.work(Work(missing, batches, seconds)):
        if each.name not in extracted:
            done += each.n_done + len(each.failed)
            busy |= {each.name} if each.busy else set()
        note = "; ".join(f"{name}: {reason}" for name, reason in each.failed)
        job.reach(min(done, todo.n_tasks), todo.n_tasks, note or each.name)
    return busy
