"""``net2brain.evaluations.rsa``: folders of RDMs of a model against folders of RDMs of brains."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import one_of
from isocortex.compat.net2brain.evaluations.distance_functions import CORRELATIONS, METRICS
from isocortex.compat.net2brain.evaluations.noiseceiling import bounds
from isocortex.compat.net2brain.evaluations.statistics import standard_error, t_test
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError, MisalignedError
from isocortex.formats.net2brain.rdm_stacks import (
    BrainRDMs,
    rdm_files,
    read_brain_rdms,
    read_layer_rdms,
)
from isocortex.rsa.compare import compare

CORRECTIONS = ("bonferroni",)


class RSA:
    """Every layer of a model against every region.

    Parameters
    ----------
    model_rdms_path : path
        A folder of RDMs, one file for each layer, as ``RDMCreator`` writes them.
    brain_rdms_path : path
        A folder of ``.npz`` files, one for each region, whose first array is (n, n),
        (subjects, n, n) or (subjects, times, n, n). They hold no names: rows are in the order of
        the layers' files, which all must have the same.
    model_name : str
    layer_skips : sequence of str
        Layers that are left out, as in their file names (``features_0``).
    squared : bool, default=True
        Whether comparisons are squared.
    timepoint_agg : bool, default=True
        Whether comparisons are averaged over the times of the brain (before they are squared).
    model_timepoints : bool, default=False
        Whether files of layers hold one RDM for each time.
    datatype, save_path : str
        Accepted; the type follows from the shape, and nothing is written.
    """

    def __init__(
        self,
        model_rdms_path: str | Path,
        brain_rdms_path: str | Path,
        model_name: str,
        layer_skips: Sequence[str] = (),
        squared: bool = True,
        timepoint_agg: bool = True,
        model_timepoints: bool = False,
        datatype: str = "None",
        save_path: str | Path = "./",
    ):
        self.model_rdms_path = model_rdms_path
        self.brain_rdms_path = brain_rdms_path
        self.model_name = model_name
        self.layer_skips = layer_skips
        self.squared = squared
        self.timepoint_agg = timepoint_agg
        self.model_timepoints = model_timepoints
        self.datatype = datatype
        self.save_path = save_path
        self.distance_metric = "spearman"
        self._layer_files = rdm_files(model_rdms_path)
        self._brain_files = rdm_files(brain_rdms_path)

    @property
    def model_rdms(self) -> list[str]:
        """The names of the files of layers, in natural order."""
        return [path.name for path in self._layer_files]

    @property
    def brain_rdms(self) -> list[str]:
        """The names of the files of regions, in natural order."""
        return [path.name for path in self._brain_files]

    def get_rnames(self) -> tuple[str, str, str]:
        """How the columns of scores are called: R2, %R2 and R2_array, or R, %R and R_array."""
        name = "R2" if self.squared else "R"
        return name, f"%{name}", f"{name}_array"

    def evaluate(
        self, correction: str | None = None, distance_metric: str = "spearman"
    ) -> pd.DataFrame:
        """One row for each region and layer.

        Parameters
        ----------
        correction : "bonferroni", optional
            p times the number of layers, at most 1.
        distance_metric : {"spearman", "pearson", "cosine", "euclidean", "manhattan"}

        Returns
        -------
        DataFrame
            ``ROI``, ``Layer``, ``Model``, ``R2`` (or ``R``; the mean over subjects), ``%R2``
            (of the lower noise ceiling), ``R2_array`` (of each subject), ``Significance`` (the p
            of a t test of the comparisons themselves, before they are squared, against 0 over
            subjects; NaN for distances, which are never 0, and for one subject), ``SEM`` over
            subjects, and the noise ceiling ``LNC`` and ``UNC``.

            Without ``timepoint_agg`` cells hold one number for each time, and ``R2_array`` is
            (subjects, times). With ``model_timepoints`` they are (model times, …), and there is
            no ``Significance`` or ``SEM``.

        Raises
        ------
        InputError
            If a name is not known, or the numbers of stimuli differ.
        MisalignedError
            If layers list different stimuli, or in another order.
        UndefinedError
            If an RDM is constant.
        """
        self.distance_metric = distance_metric.lower()
        one_of(self.distance_metric, METRICS, "distance_metric")
        if correction is not None:
            one_of(correction, CORRECTIONS, "correction")
        layers = self._layers()
        rows = [
            self._row(i, path, layer, layers[layer], region)
            for i, path in enumerate(self._brain_files)
            for region in [read_brain_rdms(path)]
            for layer in layers
        ]
        found = pd.DataFrame(rows)
        if correction is not None and not self.model_timepoints:
            found["Significance"] = [
                _plain(np.minimum(np.asarray(p) * len(layers), 1)) for p in found["Significance"]
            ]
        return found

    def compare_model(self, other_RSA: "RSA") -> tuple[dict, list]:
        """The best layers of two models against each other, by a paired t test over subjects.

        Returns
        -------
        differences : dict from region to (t, p)
            t is above 0 where the other model's best layer is nearer to the region.
        pairs : list
            Of each region with p < .05: ``((region, model), (region, other))``.

        Raises
        ------
        InputError
            If the regions differ, or there is a single subject.
        """
        if self.brain_rdms != other_RSA.brain_rdms:
            raise InputError("compare_model needs two RSA of the same regions.")
        both = [each.evaluate(None, self.distance_metric) for each in (self, other_RSA)]
        name, _, array = self.get_rnames()
        if not self.timepoint_agg or self.model_timepoints or self.squared != other_RSA.squared:
            raise InputError(
                "compare_model needs one score for each subject of both models, alike squared or "
                "not: timepoint_agg=True and model_timepoints=False."
            )
        differences, pairs = {}, []
        for region in dict.fromkeys(both[0]["ROI"]):
            own, others = (_best(each, region, name, array) for each in both)
            p = float(t_test(others - own))
            if np.isnan(p) and len(own) < 2:
                raise InputError(f"compare_model: {region!r} has one subject; two are needed.")
            t = float(np.mean(others - own) / standard_error(others - own))
            differences[region] = (t, p)
            if p < 0.05:
                models = (self.model_name, other_RSA.model_name)
                pairs.append(sorted(((region, each) for each in models), key=lambda e: e[1]))
        return differences, pairs

    def _layers(self) -> dict[tuple[int, str], np.ndarray]:
        """The RDMs of each layer by the number and the name of its file."""
        layers: dict[tuple[int, str], np.ndarray] = {}
        listed: tuple[str, ...] = ()
        for i, path in enumerate(self._layer_files):
            if path.name.partition("RDM_")[2].removesuffix(".npz") in self.layer_skips:
                continue
            if path.stem in self.layer_skips:
                continue
            layers[i, path.name], stimuli = read_layer_rdms(path, self.model_timepoints)
            if stimuli and listed and stimuli != listed:
                raise MisalignedError(
                    f"{str(path)!r} lists other stimuli than the layers before it, or in another "
                    "order; the regions hold no names by which they could meet."
                )
            listed = listed or stimuli
        if not layers:
            raise InputError(f"RSA: layer_skips leaves no layer of {str(self.model_rdms_path)!r}.")
        return layers

    def _row(
        self, i: int, path: Path, layer: tuple[int, str], rdms: np.ndarray, brain: BrainRDMs
    ) -> dict[str, Any]:
        r = self._comparisons(rdms, brain, f"{layer[1]!r} and {path.name!r}")
        scores = r**2 if self.squared else r
        mean = scores.mean(1 if self.model_timepoints else 0)
        ceiling = bounds(brain, self.distance_metric, self.squared)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = 100 * mean / np.float64(ceiling["lnc"])
        p = t_test(r) if self.distance_metric in CORRELATIONS else np.full(r.shape[1:], np.nan)
        name, percent, array = self.get_rnames()
        return {
            "ROI": f"({i}) {path.stem}",
            "Layer": f"({layer[0]}) {layer[1]}",
            "Model": self.model_name,
            name: _plain(mean),
            percent: _plain(share),
            array: scores,
            "Significance": None if self.model_timepoints else _plain(p),
            "SEM": None if self.model_timepoints else _plain(standard_error(scores)),
            "LNC": ceiling["lnc"],
            "UNC": ceiling["unc"],
        }

    def _comparisons(self, rdms: np.ndarray, brain: BrainRDMs, who: str) -> np.ndarray:
        """Shape ([model times,] subjects[, times of the brain])."""
        n_subjects, n_times, n_pairs = brain.values.shape
        if rdms.shape[1] != n_pairs:
            raise InputError(
                f"RSA: {who} are of different numbers of stimuli ({rdms.shape[1]} and {n_pairs} "
                "pairs)."
            )
        names = [f"stimulus {i}" for i in range(brain.n_stimuli)]
        data = RDMs(brain.values.reshape(-1, n_pairs), names)
        # (model times, subjects x times)
        r = compare(RDMs(rdms, names), data, METRICS[self.distance_metric]).values
        r = r.reshape(len(rdms), n_subjects, n_times)
        if self.timepoint_agg or not brain.has_time:
            r = r.mean(2)
        return r if self.model_timepoints else r[0]


def _best(table: pd.DataFrame, region: str, score: str, array: str) -> np.ndarray:
    """The scores of all subjects in the layer that is nearest to the region."""
    rows = [row for row in table.to_dict("records") if row["ROI"] == region]
    return np.asarray(max(rows, key=lambda row: row[score])[array])


def _plain(values: Any) -> Any:
    """A number, or lists of them."""
    return np.asarray(values, dtype=np.float64).tolist()
