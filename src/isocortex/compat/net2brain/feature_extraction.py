"""``net2brain.feature_extraction``: what the layers of a network do, in files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from isocortex.compat.net2brain.feature_files import (
    consolidate,
    reduce_files,
    stimulus_files,
    write_features,
)
from isocortex.compat.net2brain.netsets import PLAIN, load, module_names, named_layers, top_level
from isocortex.compat.net2brain.reduction import reduction
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.device import device_of, on_device
from isocortex.networks.extract import extract
from isocortex.networks.inputs.loader import prepared
from isocortex.networks.load import DEFAULT, load_network

AT_ONCE = 16
"""Stimuli whose features are in memory together."""


class FeatureExtractor:
    """A network whose layers are written into files.

    Parameters
    ----------
    model : str or torch.nn.Module
        A name of the netset, or any module.
    netset : {"Standard", "Pytorch", "Timm", "Clip"}, optional
        Networks of torchvision (classifiers; for segmentation), of timm, and the half of CLIP that
        sees. Of the others that Net2Brain had, the error says where their networks are.
    netset_fallback : str
        Accepted; images for a module are prepared as for ``"Standard"``.
    device : str, default="cpu"
    pretrained : bool, default=True
        Else random weights (seed 0).
    preprocessor : function, optional
        Of a PIL image, the model's name and the device; gives a tensor (1, …).
    extraction_function : function, optional
        Of that tensor, the layers and ``model=``; gives a mapping from layer to tensor.
    feature_cleaner : function, optional
        Of such a mapping; gives another.
    weights : path, optional
        A file or folder of weights, instead of those that a library would download.

    Raises
    ------
    InputError
        If a name comes without its netset, or either is not known.
    """

    def __init__(
        self,
        model: Any,
        netset: str | None = None,
        netset_fallback: str = "Standard",
        device: str = "cpu",
        pretrained: bool = True,
        preprocessor: Callable[..., Any] | None = None,
        extraction_function: Callable[..., Any] | None = None,
        feature_cleaner: Callable[..., Any] | None = None,
        *,
        weights: str | Path | None = None,
    ):
        device_of(device)
        self.model_name = model
        self.device = device
        self.pretrained = pretrained
        self.preprocessor = preprocessor
        self.extraction_function = extraction_function
        self.feature_cleaner = feature_cleaner
        self.netset_name: str | None = None
        self.save_path: Path | None = None
        if netset is not None:
            chosen = weights if weights is not None else DEFAULT if pretrained else None
            self.netset_name, self.network = load(netset, model, chosen)
        elif isinstance(model, str):
            raise InputError(
                f"FeatureExtractor needs the netset of {model!r}, such as netset='Standard', or a "
                "module instead of a name."
            )
        else:
            self.network = load_network(
                model, DEFAULT if weights is None else weights, preprocessing=PLAIN
            )
        self.model = self.network.module
        self.layers_to_extract = named_layers(self.network) if netset else []

    def get_all_layers(self) -> list[str]:
        """The names of all modules."""
        return module_names(self.network)

    def extract(
        self,
        data_path: Any,
        save_path: str | Path | None = None,
        layers_to_extract: str | Sequence[str] | None = "top_level",
        consolidate_per_layer: bool = True,
        dim_reduction: str | None = None,
        n_samples_estim: int = 100,
        n_components: int | None = 10000,
        srp_before_pca: bool = False,
        max_dim_allowed: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Write the features of all images.

        Parameters
        ----------
        data_path : path, or list of paths
            A folder of images (.jpg, .jpeg, .png), or these.
        save_path : path, optional
            Default a folder with the date in ``./results``. ``<image>.npz`` has the layers as keys
            and arrays (1, …) as they come from the network, each copied before a later layer can
            change it; the name ends at the first dot.
        layers_to_extract : "top_level", "all", "json" or list of str, default="top_level"
            ``"top_level"``: modules without a number before a dot in their name, and without a
            child that follows. ``"json"``: those that Net2Brain's settings name (None: where
            there are some).
        consolidate_per_layer : bool, default=True
            Put them together as ``consolidated_<layer>.npz``, with the images as keys.
        dim_reduction : {"pca", "srp"}, optional
            See ``RDMCreator.create_rdms``; features are then of shape (n_components,).
        n_samples_estim, n_components, max_dim_allowed
            For it.
        srp_before_pca : bool
            Not supported; components are exact.
        **kwargs
            ``agg_frames`` and ``pick_frames`` are for films, which are not taken.

        Raises
        ------
        InputError, NotFoundError, FormatError
            If layers, images or choices do not fit.
        """
        if srp_before_pca:
            raise InputError("extract: srp_before_pca is not supported; PCA is exact here.")
        odd = set(kwargs) - {"agg_frames", "pick_frames"}
        if odd:
            raise InputError(f"extract has no argument {min(odd)!r}.")
        reduce = None
        if dim_reduction is not None:
            reduce = reduction(dim_reduction, n_samples_estim, n_components, max_dim_allowed)
        files = stimulus_files(data_path)
        layers = self._layers(layers_to_extract)
        stamp = datetime.now().strftime("%d_%m_%Y_%H_%M_%S")
        folder = Path.cwd() / "results" / stamp if save_path is None else Path(save_path)
        folder.mkdir(parents=True, exist_ok=True)
        self.save_path = folder
        stimuli = Stimuli(list(files), list(files.values()))
        own = (self.preprocessor, self.extraction_function, self.feature_cleaner)
        found = self._by_hand if any(own) else self._by_extract
        for name, features in found(stimuli, layers):
            write_features(folder, name, features)
        if reduce is not None:
            reduce_files(folder, reduce)
        if consolidate_per_layer:
            consolidate(folder)

    def consolidate_per_layer(self) -> None:
        """Put files of single images together, one for each layer."""
        consolidate(self._folder())

    def reduce_dimensionality(
        self,
        dim_reduction: str = "pca",
        n_samples_estim: int = 100,
        n_components: int | None = 10000,
        max_dim_allowed: int | None = None,
    ) -> None:
        """Replace the features of single images by fewer."""
        chosen = reduction(dim_reduction, n_samples_estim, n_components, max_dim_allowed)
        reduce_files(self._folder(), chosen)

    def _folder(self) -> Path:
        if self.save_path is None:
            raise InputError("There are no features yet; call extract first.")
        return self.save_path

    def _layers(self, asked: str | Sequence[str] | None) -> list[str]:
        if asked is None:
            asked = "json" if self.layers_to_extract else "top_level"
        if not isinstance(asked, str):
            return list(asked)
        if asked == "json":
            if not self.layers_to_extract:
                raise InputError(
                    f"Net2Brain's settings name no layers of {self.network.name!r}; take "
                    "'top_level', 'all' or names of get_all_layers()."
                )
            return self.layers_to_extract
        names = self.get_all_layers()
        if asked not in ("top_level", "all"):
            raise InputError(
                f"layers_to_extract must be 'top_level', 'all', 'json' or a list of names, not "
                f"{asked!r}."
            )
        ran = {layer.name for layer in self.network.trace().layers}
        return [name for name in (top_level(names) if asked == "top_level" else names)
                if name in ran]  # fmt: skip

    def _by_extract(self, stimuli: Stimuli, layers: list[str]) -> Iterator[tuple[str, dict]]:
        with TemporaryDirectory(prefix=".isocortex-", dir=self._folder()) as temporary:
            into = Path(temporary) / "activations.zarr"
            store = extract(self.network, stimuli, layers, into=into, device=self.device)
            shapes = {layer: self.network.layer(layer).shape for layer in layers}
            for start in range(0, len(stimuli.names), AT_ONCE):
                rows = slice(start, start + AT_ONCE)
                block = {layer: np.asarray(store[layer].values[rows]) for layer in layers}
                for i, name in enumerate(stimuli.names[rows]):
                    yield (
                        name,
                        {
                            layer: values[i].reshape(1, *shapes[layer])
                            for layer, values in block.items()
                        },
                    )

    def _by_hand(self, stimuli: Stimuli, layers: list[str]) -> Iterator[tuple[str, dict]]:
        """One image at a time, through the functions that were given."""
        was_training = self.model.training
        with on_device(self.model, self.device):
            self.model.eval()
            try:
                for row, name in enumerate(stimuli.names):
                    features = self._features(stimuli, row, layers)
                    yield name, {layer: _array(value) for layer, value in features.items()}
            finally:
                self.model.train(was_training)

    def _features(self, stimuli: Stimuli, row: int, layers: list[str]) -> Mapping[str, Any]:
        from PIL import Image

        if self.preprocessor is None:
            batch: Any = prepared(stimuli, row, self.network.preprocessing)[None]
            batch = self.network.as_batch(batch)
        else:
            with Image.open(stimuli.sources[row]) as image:
                batch = self.preprocessor(image.convert("RGB"), self.model_name, self.device)
        if self.extraction_function is None:
            features: Any = self.network.activations(batch, layers)
        else:
            features = self.extraction_function(batch, layers, model=self.model)
        return features if self.feature_cleaner is None else self.feature_cleaner(features)


def _array(value: Any) -> np.ndarray:
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
