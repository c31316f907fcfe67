"""The verb ``plan``: what there is to do, what it costs, and what is wrong, before any work."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.display.shown import shown
from isocortex.networks.network import Network
from isocortex.study.asked import Asked
from isocortex.study.cards import of_plan
from isocortex.study.known import has_number, known_records
from isocortex.study.measured import Kind, seconds_each, seconds_left
from isocortex.study.problems import refuse
from isocortex.study.study import Study
from isocortex.study.tasks import Batch, Extraction, batches_of


@door
@shown(of_plan)
@dataclass(frozen=True, repr=False)
class StudyPlan:
    """What a study has to do, and what of it is done.

    Attributes
    ----------
    study : Study
        What was planned.
    stimuli : Stimuli
        Those of the study.
    extractions : tuple of Extraction
        One pass of a network each, for all layers that are wanted of it.
    batches : tuple of Batch
        Tasks that one worker does together: they share the layer and the method.
    known : mapping from key to mapping
        What is recorded of each key.
    gigabytes : float
        What will be written.
    seconds : float
        About so long, with one worker; from a few tasks that were timed.
    files : mapping
        Hashes of the files that were read, for those who read them next.
    each : mapping from (method, recording) to float
        Seconds of a task, by method and recording.

    See Also
    --------
    plan : Makes it.
    run : Does it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> text = '''
    ... study = {name = "digits"}
    ... stimuli = {dataset = "digits69"}
    ... network = [{name = "cifar10_resnet20", weights = "random", layers = ["linear"]}]
    ... recording = [{name = "fMRI", dataset = "digits69"}]
    ... method = [{name = "RSA", kind = "rsa"}]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     ic.plan(ic.Study.from_text(text, folder)).table()["task"].tolist()
    ['RSA cifar10_resnet20 linear 1 V1-V3']
    """

    study: Study
    stimuli: Stimuli
    extractions: tuple[Extraction, ...]
    batches: tuple[Batch, ...]
    known: Mapping[str, Mapping[str, Any]]
    gigabytes: float
    seconds: float
    files: Mapping[str, Any] = field(default_factory=dict)
    each: Mapping[Kind, float] = field(default_factory=dict)

    @property
    def n_tasks(self) -> int:
        """How many numbers the table will have, noise ceilings with them."""
        return sum(len(batch.tasks) for batch in self.batches)

    @property
    def n_done(self) -> int:
        """How many of them are there."""
        return sum(self.is_done(task.key) for batch in self.batches for task in batch.tasks)

    @property
    def passes(self) -> int:
        """How often a stimulus is to be shown to a network."""
        return sum(each.passes for each in self.extractions)

    def is_done(self, key: str) -> bool:
        """Whether a number is there."""
        return has_number(self.known, key)

    def todo(self) -> list[Batch]:
        """The batches with the tasks that are not done."""
        found = []
        for batch in self.batches:
            tasks = tuple(task for task in batch.tasks if not self.is_done(task.key))
            if tasks:
                found.append(replace(batch, tasks=tasks))
        return found

    def table(self) -> pd.DataFrame:
        """One row for each task: what it is, and whether it is done."""
        return pd.DataFrame(
            [
                {
                    "task": task.name,
                    "network": task.layer.network if task.layer else None,
                    "layer": task.layer.layer if task.layer else None,
                    "method": task.method,
                    "state": self.state(task.key),
                    "key": task.key,
                }
                for batch in self.batches
                for task in batch.tasks
            ]
        )

    def state(self, key: str) -> str:
        """``"done"``, ``"failed"`` or ``"to do"``."""
        if self.is_done(key):
            return "done"
        return "failed" if key in self.known else "to do"

    def __repr__(self) -> str:
        left = self.n_tasks - self.n_done
        if not left:
            return f"StudyPlan({self.study.name!r}: all {self.n_tasks} numbers are there)"
        return (
            f"StudyPlan({self.study.name!r}: {left} of {self.n_tasks} numbers to compute, "
            f"{counted(self.passes, 'pass')}, {self.gigabytes:.3g} GB, "
            f"about {_duration(self.seconds)} on "
            "one worker)"
        )


@door
def plan(study: Study) -> StudyPlan:
    """Find out what a study has to do, without doing it.

    Networks are loaded and their layers found, stimuli looked at, recordings found and hashed;
    a pass of each network and a task of each method are timed.

    Parameters
    ----------
    study : Study
        Read by :meth:`Study.from_toml` or :meth:`Study.from_text`.

    Returns
    -------
    StudyPlan
        ``n_tasks``, ``n_done``, ``passes``, ``gigabytes``, ``seconds``; ``table()`` has a row for
        each task.

    Raises
    ------
    InputError
        If something in the study is missing, unknown, does not fit together or cannot fit on the
        disk or in memory: all of it in one list, with lines of the file.

    See Also
    --------
    run : Does it.
    Study : The file.

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
    ... layers = ["conv1", "layer2.0"]
    ... [[recording]]
    ... name = "fMRI"
    ... dataset = "digits69"
    ... [[method]]
    ... name = "CKA"
    ... kind = "similarity"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     todo = ic.plan(ic.Study.from_text(text, folder))
    >>> todo.n_tasks, todo.n_done, todo.passes
    (2, 0, 100)
    """
    return plan_with(study, {})


def plan_with(study: Study, networks: Mapping[str, Network | Responses]) -> StudyPlan:
    """The plan of a study of which some networks, by their names, are there already."""
    asked = Asked(study, networks)
    asked.look_at_results()
    asked.look_at_cluster()
    stimuli = asked.stimuli()
    recorded = asked.recordings()
    taken = asked.taken_by_methods(recorded)
    asked.check_names(stimuli, recorded)
    passes = asked.passes(stimuli)
    asked.check_room(passes, stimuli)
    if asked.problems:
        asked.look_at_disk(None)
    refuse(asked.problems, study.text, repr(study.name))
    asked.remembered.write()
    assert stimuli is not None
    layers = [layer for each in passes for layer in each.extraction.layers]
    settings = study.settings
    batches = batches_of(layers, settings.method, taken, settings.study.seed)
    known = known_records(study.results)
    extractions = tuple(each.extraction for each in passes)
    each = seconds_each(batches, known, len(stimuli))
    seconds = sum(one.seconds for one in passes) + seconds_left(batches, each, known)
    gigabytes = sum(one.gigabytes for one in passes)
    found = StudyPlan(
        study,
        stimuli,
        extractions,
        tuple(batches),
        known,
        gigabytes,
        seconds,
        asked.files.known,
        each,
    )
    asked.look_at_disk(found.n_tasks - found.n_done)
    refuse(asked.problems, study.text, repr(study.name))
    return found


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
