"""The verb ``run``: do what a study asks for, here or on many machines; go on where it stopped."""

import time
from collections.abc import Sequence
from dataclasses import replace

from isocortex.data.needs import door
from isocortex.progress import Job, Shown
from isocortex.study.plan import StudyPlan, plan
from isocortex.study.result import StudyResult
from isocortex.study.results import compact, known_records, sign
from isocortex.study.study import Study
from isocortex.study.tasks import Batch
from isocortex.study.where import Runner, Where, runner_at

WAIT = 0.5
"""Seconds until one looks again at what another run has in hand."""


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
    StudyResult('digits': 1 numbers)
    """
    todo = plan(study)
    sign(study, todo.files)
    with runner_at(where, study, progress) as runner:
        lost = _extract(todo, runner, progress)
        _compute(todo, runner, lost, progress)
    compact(study.results)
    result = StudyResult(replace(todo, known=known_records(study.results)))
    result.write()
    return result


def _extract(todo: StudyPlan, runner: Runner, progress: Shown) -> dict[str, str]:
    """Extract what is not there; give the networks that failed, with the reason."""
    wanted = {task.layer.network for batch in todo.todo() for task in batch.tasks if task.layer}
    missing = [each for each in todo.extractions if each.passes and each.source.name in wanted]
    lost = {}
    if not missing:
        return {}
    with Job(progress, f"study {todo.study.name}: networks", len(missing)) as job:
        for done in runner.extractions(todo, missing):
            job.step(1, done.name)
            for name, reason in done.failed:
                lost[name.removeprefix("extract ")] = reason
    return lost


def _compute(todo: StudyPlan, runner: Runner, lost: dict[str, str], progress: Shown) -> None:
    """All batches, again as long as another run has some of them in hand."""
    with Job(progress, f"study {todo.study.name}", todo.n_tasks) as job:
        _batches(todo, runner, lost, job)


def _batches(todo: StudyPlan, runner: Runner, lost: dict[str, str], job: Job) -> None:
    total = todo.n_tasks
    done = todo.n_done
    left = _possible(todo.todo(), lost, todo)
    while left:
        busy = set()
        for each in runner.batches(todo, left):
            done += each.n_done + len(each.failed)
            busy |= {each.name} if each.busy else set()
            note = "; ".join(f"{name}: {reason}" for name, reason in each.failed)
            job.reach(min(done, total), total, note or each.name)
        if not busy:
            return
        time.sleep(WAIT)
        now = replace(todo, known=known_records(todo.study.results))
        done = now.n_done
        left = [batch for batch in now.todo() if batch.name in busy]


def _possible(batches: Sequence[Batch], lost: dict[str, str], todo: StudyPlan) -> list[Batch]:
    """Without those whose network could not be extracted, which are recorded as failed."""
    from isocortex.jobs.records import recorder_of

    kept = []
    for batch in batches:
        network = batch.tasks[0].layer.network if batch.tasks[0].layer else ""
        if network not in lost:
            kept.append(batch)
            continue
        for task in batch.tasks:
            error = f"the network {network} could not be extracted: {lost[network]}"
            recorder_of(todo.study.results).write({"key": task.key, "error": error})
    return kept
