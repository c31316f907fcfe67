"""What encoding found: scores of splits, and their table and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.compat.net2brain.evaluations.statistics import standard_error, t_test
from isocortex.store.atomic import whole

COLUMNS = ("ROI", "Layer", "Model", "R", "%R2", "Significance", "SEM", "LNC", "UNC")


@dataclass(frozen=True, eq=False)
class Encoded:
    """The scores of every split, layer and region."""

    scores: Mapping[tuple[str, str], list[np.ndarray]]
    """For each layer and region those of all voxels in each split; a single one of veRSA."""
    shared: float
    """The number of test stimuli over that of training stimuli."""

    def table(self, model_name: str) -> pd.DataFrame:
        """One row for each layer and region."""
        rows = [
            {
                "ROI": region,
                "Layer": layer,
                "Model": model_name,
                "R": float(_means(splits).mean()),
                "%R2": np.nan,
                "Significance": float(t_test(_means(splits), self.shared)),
                "SEM": _standard_error(splits),
                "LNC": np.nan,
                "UNC": np.nan,
            }
            for (layer, region), splits in self.scores.items()
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def correlations(self) -> dict[int, dict[str, dict[str, np.ndarray]]]:
        """Those of all voxels, by split, layer and region."""
        found: dict[int, dict[str, dict[str, np.ndarray]]] = {}
        for (layer, region), splits in self.scores.items():
            for i, split in enumerate(splits):
                found.setdefault(i, {}).setdefault(layer, {})[region] = split
        return found

    def written(
        self, model_name: str, path: Path, over_regions: bool, with_correlations: bool
    ) -> pd.DataFrame:
        """The table, after it has been written as ``.csv`` and ``.npy``."""
        table = self.table(model_name)
        if over_regions:
            table = average_df_across_layers(table)
        with whole(Path(f"{path}.csv")) as draft:
            table.to_csv(draft, index=False)
        _keep(table.to_numpy(dtype=object), Path(f"{path}.npy"))
        if with_correlations:
            held = np.empty((), dtype=object)
            held[()] = self.correlations()
            _keep(held, Path(f"{path}_correlations.npy"))
        return table


def average_df_across_layers(combined_df: pd.DataFrame) -> pd.DataFrame:
    """One row for each layer: the mean over regions, and a t test over them."""
    rows = [
        {
            "Layer": layer,
            "R": float(r.mean()),
            "%R2": np.nan,
            "Significance": float(t_test(r)),
            "SEM": float(standard_error(r)),
            "LNC": np.nan,
            "UNC": np.nan,
        }
        for layer in dict.fromkeys(combined_df["Layer"])
        for r in [combined_df.loc[combined_df["Layer"] == layer, "R"].to_numpy()]
    ]
    return pd.DataFrame(rows)


def _means(splits: list[np.ndarray]) -> np.ndarray:
    """The mean of each split over the voxels that have a score; NaN where none has."""
    known = [split[np.isfinite(split)] for split in splits]
    return np.array([each.mean() if each.size else np.nan for each in known])


def _standard_error(splits: list[np.ndarray]) -> float:
    if len(splits) > 1:
        return float(standard_error(_means(splits)))
    return float(standard_error(splits[0][np.isfinite(splits[0])]))


def _keep(array: np.ndarray, path: Path) -> None:
    """Python objects in an ``.npy`` file, as Net2Brain has them."""
    with whole(path) as draft, draft.open("wb") as file:
        np.save(file, array, allow_pickle=True)
