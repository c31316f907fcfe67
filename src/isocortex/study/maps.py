"""Scores of single units, kept in files beside the numbers that are their means."""

from pathlib import Path

import numpy as np

from isocortex.reading import reading
from isocortex.store.atomic import whole
from isocortex.study.tasks import Batch, Task

FOLDER = "maps"


def keep_map(results: Path, batch: Batch, task: Task, per_unit: np.ndarray | None) -> None:
    """Keep the scores of units, where the study wants them.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    if per_unit is None or not getattr(batch.method, "maps", False):
        return
    with whole(_path(results, task)) as draft:
        np.save(draft, per_unit.astype(np.float32))


def kept_map(results: Path, task: Task) -> np.ndarray | None:
    """The scores of units, shape (n_units,); None where none were kept."""
    path = _path(results, task)
    if not path.is_file():
        return None
    with reading(path, "an array of scores", alone=True):
        return np.load(path, allow_pickle=False)


def _path(results: Path, task: Task) -> Path:
    """By the task alone, since a batch is another when a recording is added."""
    return results / FOLDER / task.key[:2] / f"{task.key}.npy"
