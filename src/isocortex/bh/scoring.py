"""From accuracy files to scores, network by network."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.bh.pooled import Pooled
from isocortex.bh.resampling import Resampling
from isocortex.bh.score import hierarchy, mean_score
from isocortex.bh.settings import Folders, NetworkSettings, Settings
from isocortex.data.estimate import Estimate
from isocortex.errors import FormatError, NotFoundError
from isocortex.formats.mat.files import read_array

VOXELS_2021 = 1000
"""So many voxels of a region and subject the original takes, with the seed 0."""


@dataclass(frozen=True)
class ScoreOptions:
    """How scores are made; see :func:`isocortex.hierarchy`."""

    p: float = 0.05
    statistic: str = "t"
    subsets: int | None = 5
    resampling: Resampling = field(default_factory=Resampling)


@dataclass(frozen=True)
class NetworkScore:
    """The scores of one network."""

    network: NetworkSettings
    decoding: Estimate | None
    encoding: Estimate | None
    notes: tuple[str, ...] = ()

    @property
    def mean(self) -> Estimate | None:
        """Of decoding and encoding, where both are there."""
        if self.decoding is None or self.encoding is None:
            return None
        return mean_score(self.decoding, self.encoding)


def score_network(
    folders: Folders, settings: Settings, network: NetworkSettings, how: ScoreOptions
) -> NetworkScore:
    """Read all accuracies of a network and score them.

    Decoding: the mean over choices of ``how.subsets`` layers, all layers where there are fewer;
    encoding: all layers, as published. Either may be missing as a whole.

    Raises
    ------
    NotFoundError
        If a file is missing, or there are none at all.
    FormatError
        If a file is damaged or its shape does not fit the others.
    """
    found: dict[str, Estimate | None] = {}
    notes = []
    n = n_test_images(folders, settings, network)
    for kind, read in (("decoding", read_decoding), ("encoding", read_encoding)):
        if not _any(folders, settings, network, kind):
            found[kind] = None
            notes.append(f"{network.name}: there are no {kind} accuracies")
            continue
        pooled = read(folders, settings, network, how.statistic)
        subsets = how.subsets if kind == "decoding" else None
        if subsets is not None and subsets > len(network.layers):
            notes.append(
                f"{network.name}: {len(network.layers)} layers are fewer than {subsets}, all used"
            )
            subsets = None
        estimate = hierarchy(
            pooled,
            p=how.p,
            n_stimuli=n,
            statistic=how.statistic,
            subsets=subsets,
            resampling=how.resampling,
        )
        if estimate.notes["n_nan"]:
            notes.append(
                f"{network.name}: {estimate.notes['n_nan']} {kind} accuracies are NaN and dropped"
            )
        found[kind] = estimate
    if found["decoding"] is None and found["encoding"] is None:
        raise NotFoundError(
            f"There are no accuracies of {network.folder!r} under {str(folders.data)!r}. Run "
            "isocortex bh decode and isocortex bh encode first."
        )
    return NetworkScore(network, found["decoding"], found["encoding"], tuple(notes))


def read_decoding(
    folders: Folders, settings: Settings, network: NetworkSettings, statistic: str = "t"
) -> Pooled:
    """Decoding accuracies: for each layer and subject, regions x units."""
    del statistic
    rows = []
    for layer in network.layers:
        subjects = []
        for subject in settings.subjects:
            parts = [
                _read(folders, "decoding", network, layer, subject, roi) for roi in settings.rois
            ]
            subjects.append(_stacked(parts, f"decoding accuracies of {layer}, {subject}", "region"))
        rows.append(tuple(subjects))
    return Pooled(network.layers, tuple(settings.rois), tuple(rows))


def read_encoding(
    folders: Folders, settings: Settings, network: NetworkSettings, statistic: str = "t"
) -> Pooled:
    """Encoding accuracies: for each region and subject, layers x voxels.

    Under ``"bhscore2021"`` at most 1000 voxels of each, the same as in the original.
    """
    rows = []
    for roi in settings.rois:
        subjects = []
        for subject in settings.subjects:
            parts = [
                _read(folders, "encoding", network, layer, subject, roi) for layer in network.layers
            ]
            who = f"encoding accuracies of {roi}, {subject}"
            subjects.append(_as_published(_stacked(parts, who, "layer"), statistic))
        rows.append(tuple(subjects))
    return Pooled(tuple(settings.rois), network.layers, tuple(rows), ("region", "layer"))


def n_test_images(folders: Folders, settings: Settings, network: NetworkSettings) -> int | None:
    """How many test images there are: of the decoded features, or of the features themselves."""
    first = (network.layers[0], settings.subjects[0], next(iter(settings.rois)))
    for folder in (
        folders.decoded(network.folder, *first),
        folders.features(settings.test, network.folder) / network.layers[0],
    ):
        if folder.is_dir():
            n = sum(1 for f in folder.iterdir() if f.suffix == ".mat" and f.name[0] != ".")
            if n:
                return n
    return None


def _as_published(accuracy: np.ndarray, statistic: str) -> np.ndarray:
    if statistic != "bhscore2021" or accuracy.shape[1] <= VOXELS_2021:
        return accuracy
    # The legacy generator, because its draws are those of the published scores.
    rng = np.random.RandomState(0)
    return accuracy[:, rng.choice(accuracy.shape[1], VOXELS_2021, replace=False)]


def _places(folders: Folders, kind: str, parts: tuple[str, ...]) -> list[Path]:
    own = {"decoding": folders.decoding_accuracy, "encoding": folders.encoding_accuracy}[kind]
    data, test = folders.data, folders.test
    tail = Path(*parts, "accuracy.mat")
    others = [data / f"{kind}_accuracy_shared" / test / tail, data / f"{kind}_accuracy" / tail]
    if kind == "encoding":
        others.append(data / "encoded_fmri" / test / "profile_correlation" / tail)
    return [own(*parts), *others]


def _any(folders: Folders, settings: Settings, network: NetworkSettings, kind: str) -> bool:
    return any(
        path.is_file()
        for layer in network.layers
        for subject in settings.subjects
        for roi in settings.rois
        for path in _places(folders, kind, (network.folder, layer, subject, roi))
    )


def _read(folders: Folders, kind: str, network: NetworkSettings, *parts: str) -> np.ndarray:
    places = _places(folders, kind, (network.folder, *parts))
    path = next((each for each in places if each.is_file()), places[0])
    if not path.is_file():
        failed = path.with_name(f"{path.name}.failed.txt")
        why = f" It failed: {_last_line(failed)}" if failed.is_file() else ""
        raise NotFoundError(
            f"There is no file {str(path)!r}. Run isocortex bh {kind[:-3]}e first.{why}"
        )
    accuracy = read_array(path, "accuracy")
    if accuracy.ndim > 1 and accuracy.shape[0] != 1:
        raise FormatError(
            f"{str(path)!r} has accuracies of shape {accuracy.shape}; (1, n) or (1, channels, "
            "rows, columns) is needed."
        )
    return accuracy.ravel()


def _stacked(parts: list[np.ndarray], who: str, what: str) -> np.ndarray:
    sizes = [len(part) for part in parts]
    if len(set(sizes)) > 1:
        raise FormatError(
            f"The {who}, have different numbers for each {what}: {sizes}. One of the files is of "
            "another run; remove it and compute it again."
        )
    return np.stack(parts)


def _last_line(path: Path) -> str:
    lines: list[Any] = path.read_text(encoding="utf-8").splitlines()
    return lines[-1] if lines else ""
