"""How far a study is, from its records alone: no network is loaded."""

from dataclasses import dataclass

import pandas as pd

from isocortex.study.known import known_records
from isocortex.study.results import about
from isocortex.study.study import Study


@dataclass(frozen=True)
class Status:
    """What is recorded in the folder of a study's results."""

    study: str
    n_numbers: int
    n_failed: int
    failed: pd.DataFrame
    """Each reason with the number of tasks."""

    def __str__(self) -> str:
        if not self.n_numbers and not self.n_failed:
            return f"The study {self.study!r} has no results yet."
        lost = f", {self.n_failed} failed" if self.n_failed else ""
        return f"The study {self.study!r} has {self.n_numbers} numbers{lost}."


def status_of(study: Study) -> Status:
    """Count what is recorded, and what failed."""
    known = known_records(study.results) if about(study.results) else {}
    reasons = pd.Series([each["error"] for each in known.values() if "error" in each], dtype=object)
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="tasks")
    done = len(known) - len(reasons)
    return Status(study.name, done, len(reasons), counts)
