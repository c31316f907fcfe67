"""All nouns that ``save`` writes and ``read`` makes again.

To add one: a line in ``KINDS``. A dataclass that is made of its fields needs its class alone; an
estimator goes through :func:`estimator`. What its fields hold must be numbers, text, tables,
mappings, lists or nouns that are listed here.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from sklearn import discriminant_analysis, linear_model
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from isocortex.bh.resampling import Resampling
from isocortex.data.responses import Responses
from isocortex.formats.bdata import BData
from isocortex.formats.bids.betas import Betas
from isocortex.formats.space import Grayordinates, Hemispheres, Parcels, Surface, Volume
from isocortex.inference.contrasts import Spread
from isocortex.inference.fitted import FittedRDMs
from isocortex.inference.flexible import Interpolated, Selected, Weighted
from isocortex.inference.parted import Partition
from isocortex.inference.recovered import Recovery
from isocortex.inference.result import Inference
from isocortex.mapping.feature_spaces import FeatureSpaces
from isocortex.mapping.fixed_sets import FixedSets
from isocortex.mapping.folds import Folds
from isocortex.mapping.kept_models import Fitted, FittedSpaces
from isocortex.mapping.models.known import MODELS
from isocortex.mapping.permutation import Permutation
from isocortex.mapping.predictions import Predictions
from isocortex.mapping.run_folds import RunFolds, SeriesRows
from isocortex.networks.text.contexts import Blocks, Growing
from isocortex.networks.training.report import TrainingReport
from isocortex.rsa.ceiling import Ceiling, CeilingCourse
from isocortex.searchlights.decoding import Decoding
from isocortex.searchlights.encoding import Encoding
from isocortex.searchlights.neighbours import Neighbours
from isocortex.searchlights.rsa import RSA
from isocortex.stats.clusters import TFCE
from isocortex.stats.clusters_found import Clusters
from isocortex.store.grams import gram
from isocortex.store.saved.kinds import DATA, Kind, by_name, fields_of, with_units


def estimator(cls: type, name: str = "") -> Kind:
    """A model: the parameters that it was made with, and what it found when it was fitted."""

    def parts(model: Any) -> dict[str, Any]:
        parameters = model.get_params(deep=False)
        found = {key: each for key, each in vars(model).items() if key not in parameters}
        return {"parameters": parameters, "fitted": found}

    def make(parameters: Mapping[str, Any], fitted: Mapping[str, Any]) -> Any:
        model = cls(**parameters)
        for key, each in fitted.items():
            if hasattr(cls, key) and callable(getattr(cls, key)):
                raise ValueError(f"{key} is a method of {cls.__name__}")
            setattr(model, key, each)
        return model

    return Kind(cls, parts, make, alias=name)


def splitter(cls: type) -> Kind:
    """A splitter of scikit-learn: the settings that it was made with."""

    def make(**settings: Any) -> Any:
        made = cls()
        if set(settings) - set(vars(made)):
            raise ValueError(f"{cls.__name__} has no {sorted(set(settings) - set(vars(made)))}")
        vars(made).update(settings)
        return made

    return Kind(cls, lambda given: dict(vars(given)), make, alias=f"sklearn.{cls.__name__}")


def _predictions(noun: Predictions) -> dict[str, Any]:
    more = {"fold_of": noun.fold_of, "trained": noun.trained, "spaces": noun.spaces}
    return {**with_units(noun), **more}


def _made_predictions(
    labels: Mapping[str, Any], table: pd.DataFrame | None = None, **parts: Any
) -> Responses:
    return Predictions(**parts).replace(labels=labels, table=table)


def _spaces(noun: FeatureSpaces) -> dict[str, Any]:
    """Features as their Gram matrices, which suffice for shares, however many they are."""
    return {**fields_of(noun), "features": [gram(each) for each in noun.features]}


_HEADERS = {
    **dict.fromkeys(("Nifti1Header", "Nifti1PairHeader"), "nibabel.nifti1"),
    **dict.fromkeys(("Nifti2Header", "Nifti2PairHeader"), "nibabel.nifti2"),
    "MGHHeader": "nibabel.freesurfer.mghformat",
}
"""Headers that are written again with a map, and where they are."""


def _volume(space: Volume) -> dict[str, Any]:
    """The header as its bytes, in the standard's own layout; of other kinds only the grid."""
    header = space.header if type(space.header).__name__ in _HEADERS else None
    block = None if header is None else np.frombuffer(header.binaryblock, np.uint8)
    kind = None if header is None else type(header).__name__
    return {"shape": tuple(space.shape), "affine": space.affine, "kind": kind, "header": block}


def _made_volume(shape: Any, affine: Any, kind: str | None, header: Any) -> Volume:
    head = None
    if kind is not None:
        if kind not in _HEADERS:
            raise ValueError(f"{kind} is no header of NIfTI or FreeSurfer")
        head = getattr(import_module(_HEADERS[kind]), kind)(header.tobytes())
    return Volume(tuple(shape), affine, head)


def _grayordinates(space: Grayordinates) -> dict[str, Any]:
    axis = space.axis
    names = ("name", "voxel", "vertex", "affine", "volume_shape", "nvertices")
    return {name: getattr(axis, name) for name in names}


def _made_grayordinates(**parts: Any) -> Grayordinates:
    from nibabel.cifti2.cifti2_axes import BrainModelAxis

    return Grayordinates(BrainModelAxis(**parts))


def _parcels(space: Parcels) -> dict[str, Any]:
    axis = space.axis
    places = {"voxels": list(axis.voxels), "vertices": [dict(each) for each in axis.vertices]}
    rest = ("name", "affine", "volume_shape", "nvertices")
    return {**places, **{name: getattr(axis, name) for name in rest}}


def _made_parcels(voxels: Any, vertices: Any, **parts: Any) -> Parcels:
    from nibabel.cifti2.cifti2_axes import ParcelsAxis

    return Parcels(ParcelsAxis(voxels=_objects(voxels), vertices=_objects(vertices), **parts))


def _objects(parts: Sequence[Any]) -> np.ndarray:
    """One entry for each parcel, of which each has voxels or vertices of its own number."""
    held = np.empty(len(parts), dtype=object)
    for place, each in enumerate(parts):
        held[place] = each
    return held


_MODELS_OF_SKLEARN = (
    linear_model.LinearRegression,
    linear_model.Ridge,
    linear_model.RidgeCV,
    linear_model.Lasso,
    linear_model.LassoCV,
    linear_model.ElasticNet,
    linear_model.LogisticRegression,
    linear_model.RidgeClassifier,
    discriminant_analysis.LinearDiscriminantAnalysis,
    PLSRegression,
    PCA,
    StandardScaler,
    Pipeline,
)
"""Those that are all of numbers; of what others hold nothing is promised, and they are refused."""

_SPLITTERS_OF_SKLEARN = (
    KFold,
    StratifiedKFold,
    GroupKFold,
    StratifiedGroupKFold,
    LeaveOneOut,
    LeaveOneGroupOut,
    ShuffleSplit,
    StratifiedShuffleSplit,
    GroupShuffleSplit,
    TimeSeriesSplit,
)
"""Those that folds are usually made with."""

KINDS: Mapping[str, Kind] = by_name(
    (
        *DATA,
        Kind(Clusters),
        Kind(Predictions, _predictions, _made_predictions),
        Kind(Fitted),
        Kind(FittedSpaces),
        Kind(FeatureSpaces, _spaces),
        Kind(SeriesRows),
        *(estimator(cls) for cls in MODELS),
        *(estimator(cls, f"sklearn.{cls.__name__}") for cls in _MODELS_OF_SKLEARN),
        *map(splitter, _SPLITTERS_OF_SKLEARN),
        Kind(Ceiling, lambda ceiling: ceiling._asdict()),
        Kind(CeilingCourse, lambda ceiling: ceiling._asdict()),
        Kind(TrainingReport),
        Kind(FittedRDMs),
        Kind(Inference),
        Kind(Spread),
        Kind(Partition),
        Kind(Recovery),
        Kind(FixedSets),
        Kind(Encoding),
        Kind(Decoding),
        Kind(RSA),
        Kind(TFCE),
        Kind(Folds),
        Kind(RunFolds),
        Kind(Permutation),
        Kind(Blocks),
        Kind(Growing),
        Kind(Resampling),
        Kind(Weighted),
        Kind(Selected),
        Kind(Interpolated),
        Kind(Neighbours),
        Kind(BData),
        Kind(Betas),
        Kind(Surface),
        Kind(Hemispheres),
        Kind(Parcels, _parcels, _made_parcels),
        Kind(Volume, _volume, _made_volume),
        Kind(Grayordinates, _grayordinates, _made_grayordinates),
    )
)
"""Every noun by what a file calls it."""
