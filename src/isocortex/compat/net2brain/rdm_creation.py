"""``net2brain.rdm_creation``: RDMs of all layers of a folder of features."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from isocortex.choice import choose, named
from isocortex.compat.net2brain.rdm.dist_utils import (
    dist,
    known_distance,
    standardize,
    valid_distance_functions,
)
from isocortex.compat.net2brain.rdm.rdm import LayerRDM
from isocortex.compat.net2brain.reduction import reduction
from isocortex.errors import FormatError, InputError
from isocortex.formats.net2brain.features import Net2BrainFeatures
from isocortex.formats.net2brain.rdm_files import file_name

__all__ = ["LayerRDM", "RDMCreator"]


class RDMCreator:
    """RDMs of the layers in a folder of features, written as one file for each layer.

    Parameters
    ----------
    device : str, default="cpu"
        Where a custom distance function gets its tensors.
    verbose : bool, default=False
        Whether each layer is reported.
    """

    def __init__(self, device: str = "cpu", verbose: bool = False):
        self.device = torch.device(device)
        if self.device.type == "cuda" and not torch.cuda.is_available():
            raise InputError(f"device={device!r} is not available on this machine; use 'cpu'.")
        self.verbose = verbose

    @staticmethod
    def distance_functions() -> list[str]:
        """The names of the distances, synonyms included."""
        return valid_distance_functions()

    def create_rdms(
        self,
        feature_path: str | Path,
        save_path: str | Path | None = None,
        save_format: str = "npz",
        distance: str | Callable[..., Any] = "pearson",
        standardize_on_dim: int | None = None,
        chunk_size: int | None = None,
        multi_timepoint_rdms: Any = None,
        pooling: str | None = None,
        dim_reduction: str | None = None,
        n_samples_estim: int = 100,
        n_components: int | None = 10000,
        srp_before_pca: bool = False,
        max_dim_allowed: int | None = None,
        **kwargs: Any,
    ) -> Path:
        """Make the RDM of every layer and save it as ``RDM_<layer>``.

        Parameters
        ----------
        feature_path : path
            A folder of ``.npz`` files: one for each stimulus (keys are layers), or one for each
            layer, ``consolidated_<layer>.npz`` (keys are stimuli). Other files are passed over.
        save_path : path, optional
            Default a folder with the date in ``./rdms``.
        save_format : {"npz", "pt"}
        distance : str or function, default="pearson"
            A name of ``distance_functions()``, or a function of a tensor (n, d) that returns
            (n, n).
        standardize_on_dim : int, optional
            Z-score features over stimuli (0) or within each (1) before the distance.
        chunk_size : int, optional
            Accepted; layers are read one at a time, and distances need no more memory.
        multi_timepoint_rdms : None
            Not supported: average or select frames first.
        pooling : {"mean", "max", "first", "last"}, optional
            Over the sequence, for features of shape (sequence, dim) or (1, sequence, dim).
        dim_reduction : {"pca", "srp"}, optional
            PCA, or a sparse random projection (seed 0), estimated on the first
            ``n_samples_estim`` stimuli and reduced to at most ``n_components``, for layers of
            more than ``max_dim_allowed`` features.
        **kwargs
            For a custom distance function.

        Returns
        -------
        save_path : Path

        Raises
        ------
        InputError, FormatError, NotFoundError
            Before anything is written, where that can be known.
        """
        if multi_timepoint_rdms is not None:
            raise InputError(
                "create_rdms: multi_timepoint_rdms is not supported. Average or select frames, or "
                "use isocortex.rdms on the responses at each time."
            )
        if srp_before_pca:
            raise InputError("create_rdms: srp_before_pca is not supported; PCA is exact here.")
        choose(save_format, {"npz": 0, "pt": 0}, "save_format")
        known_distance(distance)
        reduce = None
        if dim_reduction is not None:
            reduce = reduction(dim_reduction, n_samples_estim, n_components, max_dim_allowed)
        layers = Net2BrainFeatures(feature_path, pooling)
        _distinct(layers, save_format)
        stamp = datetime.now().strftime("%y-%m-%d_%H-%M-%S")
        folder = Path.cwd() / "rdms" / stamp if save_path is None else Path(save_path)
        name = named(distance)
        meta = {"distance": name} | ({} if pooling is None else {"pooling": pooling})
        for i, (layer, responses) in enumerate(layers.items()):
            x = responses.numpy() if reduce is None else reduce(responses.numpy())
            rdm = self._rdm(x, distance, standardize_on_dim, chunk_size, kwargs)
            _check(rdm, responses.n_stimuli, name)
            LayerRDM(rdm, layer, responses.stimuli, meta).save(folder, save_format)
            if self.verbose:
                print(f"RDM {i + 1} of {len(layers)}: {layer}")
        return folder

    def _rdm(self, x: np.ndarray, distance: Any, dim: Any, chunk: Any, options: dict) -> np.ndarray:
        tensor = torch.from_numpy(x.copy()).to(self.device)
        if callable(distance):
            tensor = tensor.float()
        if dim is not None:
            tensor = standardize(tensor, dim)
        out = dist(tensor, metric=distance, chunk_size=chunk, **options)
        return np.asarray(torch.as_tensor(out).detach().cpu().numpy(), dtype=np.float64)


def _check(rdm: np.ndarray, n: int, name: str) -> None:
    if rdm.shape != (n, n):
        raise InputError(
            f"The distance {name!r} returned shape {rdm.shape} for {n} stimuli, not ({n}, {n})."
        )
    if not np.isfinite(rdm).all():
        raise InputError(f"The distance {name!r} returned NaN or infinite numbers.")


def _distinct(layers: Net2BrainFeatures, save_format: str) -> None:
    """Layers whose files would have one name."""
    seen: dict[str, str] = {}
    for layer in layers:
        other = seen.setdefault(file_name(layer, save_format), layer)
        if other != layer:
            raise FormatError(
                f"The layers {other!r} and {layer!r} would share the file "
                f"{file_name(layer, save_format)!r}. Rename one."
            )
