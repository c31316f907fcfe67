"""The noun StudyResult: the tidy table of a study, what failed and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.errors import NotFoundError
from isocortex.numerics.chance.subjects import t_inference
from isocortex.reading import reading
from isocortex.study.best import best_of_subjects
from isocortex.study.cards import of_result
from isocortex.study.hierarchies import hierarchies
from isocortex.study.known import arrow
from isocortex.study.one_map import map_of
from isocortex.study.plan import StudyPlan
from isocortex.study.results import TABLE, versions, write_table
from isocortex.study.study import Study
from isocortex.study.tasks import Batch, Task

COLUMNS = (
    *("study", "network", "layer", "depth", "recording", "subject", "region", "method", "fold"),
    *("score", "ceiling", "ceiling_high", "low", "high", "p", "n", "unit"),
    *("solver", "seconds", "key", "error", "notes"),
)
_PLACE = ["network", "layer", "depth", "recording", "region", "method"]


@door
@shown(of_result)
@dataclass(frozen=True, repr=False)
class StudyResult:
    """What came out of a study.

    Parameters
    ----------
    plan : StudyPlan
        With what is known of each task.

    See Also
    --------
    run : Makes it.
    report : A page that shows it.

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
    ...     table = ic.run(ic.Study.from_text(text, folder)).table()
    >>> table[["network", "layer", "region", "method"]].to_dict("records")
    [{'network': 'cifar10_resnet20', 'layer': 'linear', 'region': 'V1-V3', 'method': 'RSA'}]
    """

    plan: StudyPlan

    @property
    def study(self) -> Study:
        """The study that it came from."""
        return self.plan.study

    @property
    def failed(self) -> pd.DataFrame:
        """Tasks without a number, each with its reason."""
        rows = [
            {
                "task": task.name,
                "reason": self.plan.known.get(task.key, {}).get("error", "not done"),
            }
            for batch in self.plan.batches
            for task in batch.tasks
            if not self.plan.is_done(task.key)
        ]
        return pd.DataFrame(rows, columns=["task", "reason"])

    @property
    def path(self) -> Path:
        """The Parquet file of the table."""
        return self.study.results / TABLE

    def table(self) -> pd.DataFrame:
        """One row for each number.

        Returns
        -------
        DataFrame
            A row for each network, layer, subject, region and method: ``score``, its ``p`` by
            permutation where it was asked for, the noise ``ceiling`` of the region (lower, and
            ``ceiling_high``). Rows in which ``subject`` is missing are means over subjects, with
            the interval ``low`` to ``high`` and the ``p`` of a t-test against 0. ``depth`` is the
            layer's place, from 0 to 1; ``fold`` is missing where a score is over all folds;
            ``error`` says why there is no number.
        """
        return self._table.copy()

    def best(self) -> pd.DataFrame:
        """The best layer of each network for each subject, region and method.

        Whoever takes the best of many layers by the same scores that are then shown takes its luck
        too: the maximum of 20 scores that are all noise lies about 1.9 of their standard deviations
        above their mean. So each subject's layer is the one with the highest mean over the other
        subjects, and the score is the subject's own at that layer: choosing does not raise it.

        Returns
        -------
        DataFrame
            ``network``, ``recording``, ``subject``, ``region``, ``method``; ``layer``, its
            ``depth`` from 0 to 1, the subject's ``score`` at it; ``chosen_by``:
            ``"other subjects"``, or ``"same scores"`` where a region has fewer than three
            subjects, so that the layer is that of their mean and the score is too high. A subject
            without a score of one of the layers has none of the four, and chooses for nobody.

        See Also
        --------
        score : Means over subjects with their intervals, beside networks that are known.
        """
        return best_of_subjects(self._table)

    @cached_property
    def _table(self) -> pd.DataFrame:
        rows = self._rows()
        table = pd.DataFrame({name: [row.get(name) for row in rows] for name in COLUMNS})
        for name in ("depth", "score", "ceiling", "ceiling_high", "low", "high", "p", "seconds"):
            table[name] = table[name].astype("float64")
        table = table.astype({"fold": "Int16", "n": "Int64"})
        means = _means(table, self.study.settings.statistics.level)
        table = pd.concat([table, means], ignore_index=True) if len(means) else table
        for name in ("study", "network", "layer", "recording", "subject", "region", "method"):
            table[name] = table[name].astype("category")
        for name in ("unit", "solver", "key", "error", "notes"):
            table[name] = table[name].astype("str")
        return table

    def _rows(self) -> list[dict[str, Any]]:
        known = self.plan.known
        ceilings = {
            (batch.method.name, task.recorded[0].recording, task.recorded[0].region): known.get(
                task.key, {}
            )
            for batch in self.plan.batches
            for task in batch.tasks
            if task.layer is None
        }
        return [
            self._row(batch, task, ceilings)
            for batch in self.plan.batches
            for task in batch.tasks
            if task.layer is not None
        ]

    def _row(
        self, batch: Batch, task: Task, ceilings: Mapping[tuple[str, str, str], Mapping[str, Any]]
    ) -> dict[str, Any]:
        layer, place = task.layer, task.recorded[0]
        assert layer is not None
        record = self.plan.known.get(task.key, {"error": "not done"})
        ceiling = ceilings.get((batch.method.name, place.recording, place.region), {})
        return {
            "study": self.study.name,
            "network": layer.network,
            "layer": layer.layer,
            "depth": layer.depth,
            "recording": place.recording,
            "subject": place.subject,
            "region": place.region,
            "method": batch.method.name,
            "ceiling": ceiling.get("ceiling"),
            "ceiling_high": ceiling.get("ceiling_high"),
            **{name: record.get(name) for name in ("score", "p", "n", "unit", "solver", "seconds")},
            "key": task.key,
            "error": record.get("error"),
            "notes": "; ".join(record.get("notes") or ()) or None,
        }

    def map(self, **which: str) -> Scores:
        """The scores of single voxels of an encoding, or of single units of a decoding.

        Parameters
        ----------
        **which : str
            ``method``, ``network``, ``layer``, ``recording``, ``subject``, ``region``; what the
            study has one of only may be left out.

        Returns
        -------
        Scores, axes (unit,)
            Where the recording came from images of the brain, :func:`write_nifti` writes them.

        Raises
        ------
        InputError
            If none or several numbers are meant.
        NotFoundError
            If no map was kept: ``maps`` of the method says whether they are.
        """
        return map_of(self.plan, which)

    def hierarchy(self) -> pd.DataFrame:
        """The Brain Hierarchy score of each network, by each method that keeps maps.

        Of encoding accuracies: of each voxel the layer that predicts it best, against the place
        of its region; of decoding accuracies (``maps = true``): of each unit the region that
        predicts it best, against the place of its layer. Regions are in the order in which the
        study lists them.

        Returns
        -------
        DataFrame
            ``method``, ``recording``, ``network``; ``score`` with ``low``, ``high`` and ``p`` of
            :func:`hierarchy`; ``n``, how many voxels or units it rests on; ``error``, why there is
            no score.
        """
        return self.hierarchy_table.copy()

    @cached_property
    def hierarchy_table(self) -> pd.DataFrame:
        """The table of :meth:`hierarchy`, which is made once."""
        return hierarchies(self.plan)

    def write(self) -> Path:
        """Write the table as Parquet beside the copy of the study, and give its path."""
        write_table(self._table, self.path, {"study": self.study.name, "versions": versions()})
        return self.path

    def __repr__(self) -> str:
        done, total = self.plan.n_done, self.plan.n_tasks
        lacking = f", {total - done} without (see .failed)" if done < total else ""
        return f"StudyResult({self.study.name!r}: {counted(done, 'number')}{lacking})"


def _means(table: Any, level: float) -> Any:
    """Means over subjects with their intervals, where there are two or more."""
    scored = table[table["score"].notna()]
    if scored.empty:
        return scored
    groups = scored.groupby(_PLACE, sort=False, observed=True)
    found = groups.agg(
        study=("study", "first"),
        score=("score", "mean"),
        sd=("score", "std"),
        people=("score", "size"),
        ceiling=("ceiling", "first"),
        ceiling_high=("ceiling_high", "first"),
        n=("n", "first"),
        unit=("unit", "first"),
        solver=("solver", "first"),
        seconds=("seconds", "sum"),
    ).reset_index()
    found = found[found["people"] > 1]
    spans = [
        t_inference(np.asarray(mean), np.asarray(sd / np.sqrt(n)), n, level)
        for mean, sd, n in zip(found["score"], found["sd"], found["people"], strict=True)
    ]
    for name in ("low", "high", "p"):
        found[name] = [float(getattr(span, name)) for span in spans]
    return found.reindex(columns=list(COLUMNS)).astype({"fold": "Int16", "n": "Int64"})


def read_table(results: Path) -> pd.DataFrame:
    """The table in a folder of results, as it was written last.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    path = results / TABLE
    if not path.is_file():
        raise NotFoundError(f"There is no table {str(path)!r} yet; `isocortex study run` makes it.")
    with reading(path, "a table of results", alone=True):
        return arrow().parquet.read_table(path).to_pandas()
