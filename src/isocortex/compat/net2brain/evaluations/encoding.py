"""``net2brain.evaluations.encoding``: folders of features against folders of recordings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from isocortex.choice import listed
from isocortex.compat.net2brain.evaluations.fitting import (
    METHODS,
    Method,
    correlations,
    rdm_correlation,
)
from isocortex.compat.net2brain.evaluations.results import Encoded
from isocortex.data.names import positions
from isocortex.deprecated import warn_old
from isocortex.errors import InputError, MisalignedError, warn
from isocortex.files.save import save
from isocortex.formats.net2brain.features import Net2BrainFeatures
from isocortex.formats.net2brain.recordings import read_recording, recording_files
from isocortex.reading import leads_out

Paths = str | Path | Iterable[str | Path]


@dataclass(frozen=True)
class Options:
    """How to split, to fit and to score."""

    trn_tst_split: float | int
    n_folds: int
    n_components: int
    random_state: int
    shuffle: bool
    by_rdms: bool
    models_into: Path | None
    layer_skips: Sequence[str]

    def splits(self, n: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Training and test stimuli of each split."""
        found = []
        for i in range(self.n_folds):
            train, test = train_test_split(
                np.arange(n),
                train_size=self.trn_tst_split,
                random_state=self.random_state + i if self.shuffle else None,
                shuffle=self.shuffle,
            )
            found.append((train, test))
        return found


def _encoding(method: str, words: str) -> Callable[..., pd.DataFrame]:
    """The function of one method; both have the same arguments."""

    def encode(
        feat_path: str | Path,
        roi_path: Paths,
        model_name: str,
        trn_tst_split: float | int = 0.8,
        n_folds: int = 3,
        n_components: int = 100,
        batch_size: int = 100,
        srp_before_pca: bool = False,
        srp_on_subset: int | None = None,
        mem_mode: str = "performance",
        pooling: str | None = None,
        return_correlations: bool = False,
        random_state: int = 42,
        shuffle: bool = True,
        save_path: str | Path = "Linear_Encoding_Results",
        file_name: str | None = None,
        average_across_layers: bool = False,
        veRSA: bool = False,
        save_model: bool = False,
        save_pca: bool = False,
        layer_skips: Sequence[str] = (),
        avg_across_feat: bool | None = None,
        *,
        stimuli: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        if avg_across_feat and pooling is None:
            pooling = "mean"
        name = file_name or f"{model_name}_veRSA" if veRSA else file_name or model_name
        for each in (name, model_name):
            if leads_out(each):
                raise InputError(f"{each!r} cannot be the name of a file in {str(save_path)!r}.")
        into = Path(save_path)
        asked = Options(
            trn_tst_split, n_folds, n_components, random_state, shuffle, veRSA,
            into / model_name if save_model else None, layer_skips,
        )  # fmt: skip
        features = Net2BrainFeatures(feat_path, pooling)
        found = _encoded(features, roi_path, METHODS[method], asked, stimuli)
        with_correlations = return_correlations and not veRSA
        return found.written(model_name, into / name, average_across_layers, with_correlations)

    encode.__name__ = encode.__qualname__ = f"{method}_Encoding"
    encode.__doc__ = words + _DOC
    return encode


_DOC = r"""

    Parameters
    ----------
    feat_path : path
        A folder of features, one ``.npz`` for each stimulus or ``consolidated_<layer>.npz``.
    roi_path : path or sequence of paths
        ``.npy`` files (stimuli, voxels), or folders of them; a file's name is its region. Rows are
        in the order of the sorted names of stimuli.
    model_name : str
    trn_tst_split : float or int, default=0.8
        The share, or the number, of stimuli for training.
    n_folds : int, default=3
        How many random splits, of seeds ``random_state``, ``random_state + 1``, …
    n_components : int, default=100
        Of the training stimuli alone, and exact. Ridge takes all features.
    batch_size, srp_before_pca, srp_on_subset, mem_mode, save_pca
        Accepted; exact components of any number of features need none of them, and a saved
        model holds its own.
    pooling : {"mean", "max", "first", "last"}, optional
        Over the sequence, for features of different lengths.
    return_correlations : bool, default=False
        Save the correlation of each voxel as well.
    random_state, shuffle
        Of the splits.
    save_path, file_name
        ``<save_path>/<file_name>.csv`` and ``.npy``; the name is by default the model's.
    average_across_layers : bool, default=False
        One row for each layer, of all regions together.
    veRSA : bool, default=False
        Compare RDMs of predictions and measurements, by Spearman's correlation.
    save_model : bool, default=False
        Keep each fitted model as ``<save_path>/<model>/fold_<i>/<layer>/<region>.npz``, for
        :func:`isocortex.read`.
    layer_skips : sequence of str
    avg_across_feat : bool, optional
        The old name of ``pooling="mean"``.
    stimuli : sequence of str, optional
        The names of stimuli in the order of rows, where sorting them leaves a choice.

    Returns
    -------
    DataFrame
        ``ROI``, ``Layer``, ``Model``, ``R`` (the mean over voxels and splits), ``%R2``,
        ``Significance``, ``SEM`` (over splits; over voxels of a single one), ``LNC``, ``UNC``.
        p is of a t test over splits, whose variance is corrected [1]_ for the stimuli that they
        share, :math:`t = \bar r / \sqrt{(1/n + n_{test}/n_{train}) \, \mathrm{var}(r)}`; NaN of a
        single split.

    Raises
    ------
    InputError
        If numbers of stimuli differ, or it is not known in which order rows are.
    NotFoundError, FormatError
        If files are not there or hold something else.

    Warns
    -----
    IsocortexWarning
        If voxels do not vary over test stimuli, and are left out of means; if there are fewer
        components than asked for.

    References
    ----------
    .. [1] Nadeau & Bengio (2003), Inference for the generalization error, Mach. Learn. 52:239.
       https://doi.org/10.1023/A:1024068626366
    """

Linear_Encoding = _encoding("Linear", "Voxels from principal components of each layer.")
Ridge_Encoding = _encoding(
    "Ridge", "Voxels from each layer by ridge regression, one penalty for all of a region."
)


def linear_encoding(*args: Any, **kwargs: Any) -> pd.DataFrame:
    """The old name of :func:`Linear_Encoding`."""
    warn_old("linear_encoding", "Linear_Encoding")
    return Linear_Encoding(*args, **kwargs)


def _encoded(
    features: Net2BrainFeatures,
    roi_path: Paths,
    method: Method,
    asked: Options,
    stimuli: Sequence[str] | None,
) -> Encoded:
    recordings = {name: read_recording(p) for name, p in recording_files(roi_path).items()}
    layers = [layer for layer in features if layer not in asked.layer_skips]
    if not layers:
        raise InputError(f"layer_skips leaves no layer of {str(features.folder)!r}.")
    names = _order_of_rows(features[layers[0]].stimuli, stimuli)
    for name, voxels in recordings.items():
        if len(voxels) != len(names):
            raise InputError(
                f"The recording {name!r} has {len(voxels)} rows, but there are features of "
                f"{len(names)} stimuli."
            )
    splits = asked.splits(len(names))
    scores: dict[tuple[str, str], list[np.ndarray]] = {}
    for layer in layers:
        held = features[layer]
        values = held.numpy()[positions(held.stimuli, names, "encoding")]
        for i, (train, test) in enumerate(splits):
            axes = method.axes(values[train], values[test])
            if method.reduces:
                axes = axes.first(asked.n_components)
            for name, voxels in recordings.items():
                predicted = method.predict(axes, voxels[train])
                score = rdm_correlation if asked.by_rdms else correlations
                scores.setdefault((layer, name), []).append(score(predicted, voxels[test]))
                if asked.models_into is not None:
                    path = asked.models_into / f"fold_{i}" / _folder(layer) / f"{name}.npz"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    n = axes.train.shape[1]
                    save(method.keep(values[train], voxels[train], n), path)
    _tell(scores, method, asked, len(splits[0][0]))
    return Encoded(scores, len(splits[0][1]) / len(splits[0][0]))


def _order_of_rows(names: Sequence[str], given: Sequence[str] | None) -> list[str]:
    """The names of the rows of recordings, which do not hold them."""
    if given is not None:
        rows = [str(name) for name in given]
        if sorted(rows) != sorted(names):
            odd = sorted(set(rows) ^ set(names)) or rows
            raise MisalignedError(
                f"stimuli= must name each of the {len(names)} stimuli with features once; it does "
                f"not fit at {listed(odd)}."
            )
        return rows
    if list(names) != sorted(names):
        here = next(i for i, pair in enumerate(zip(names, sorted(names), strict=True))
                    if pair[0] != pair[1])  # fmt: skip
        raise InputError(
            f"Recordings hold no names, and names of stimuli sort in two ways: row {here} may be "
            f"{names[here]!r} (as numbers) or {sorted(names)[here]!r} (as text, which Net2Brain "
            "takes). Say which: stimuli=[the names in the order of rows], or write numbers with "
            "leading zeros."
        )
    return list(names)


def _folder(layer: str) -> str:
    if leads_out(layer):
        raise InputError(f"The layer name {layer!r} cannot be the name of a folder; rename it.")
    return layer


def _tell(scores: dict[tuple[str, str], list[np.ndarray]], method: Method, asked: Options,
          n_train: int) -> None:  # fmt: skip
    """What was left out, in one warning each."""
    flat = {
        name: int(max(np.isnan(split).sum() for split in splits))
        for (_, name), splits in scores.items()
    }
    told = ", ".join(f"{n} of {name}" for name, n in flat.items() if n)
    if told:
        warn(
            f"Voxels that do not vary over the test stimuli of a split have no correlation and are "
            f"left out of means: {told}."
        )
    if method.reduces and asked.n_components > n_train - 1:
        warn(
            f"n_components={asked.n_components}, but {n_train} training stimuli have "
            f"{n_train - 1} at most; all of them are taken."
        )
