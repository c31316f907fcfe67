"""``settings.json`` and the folders of the Brain Hierarchy score, as the original has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isocortex.choice import listed, suggestion
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.reading import leads_out, reading

ABSOLUTE = "_abs"
"""At the end of a layer's name: the absolute value of what the layer gives."""
RANDOM = "none"
_COUNTS = ("n_features", "n_features_encoding")


@dataclass(frozen=True)
class NetworkSettings:
    """One network of ``settings.json``: its name, its layers and where its files are."""

    name: str
    folder: str
    """``<framework>/<network>``."""
    layers: tuple[str, ...]
    """In the order of the hierarchy."""
    network: str
    """What :func:`isocortex.load_network` is asked for; the last part of the folder."""
    weights: str | None = None
    """The path of a file or folder of weights, relative to the settings; ``"none"``: random ones;
    None: the network's own."""


@dataclass(frozen=True)
class Settings:
    """Subjects, regions in the order of the hierarchy, and networks."""

    subjects: tuple[str, ...]
    rois: Mapping[str, str]
    """For each region the selector of its voxels, such as ``"ROI_V1 = 1"``."""
    networks: tuple[NetworkSettings, ...]
    n_features: int = 500
    """Voxels that decode each unit."""
    n_features_encoding: int | None = None
    """Units that encode each voxel; None: as many as ``n_features``."""
    alpha: float = 100.0
    train: str = "ImageNetTraining"
    test: str = "ImageNetTest"

    @property
    def n_units(self) -> int:
        """How many units encode each voxel."""
        wanted = self.n_features_encoding
        return self.n_features if wanted is None else wanted

    def only(self, folder: str | None) -> "Settings":
        """With the network of this folder (or name) alone.

        Raises
        ------
        InputError
            If there is none.
        """
        if folder is None:
            return self
        chosen = [each for each in self.networks if folder in (each.folder, each.name)]
        if not chosen:
            known = [each.folder for each in self.networks]
            raise InputError(
                f"The settings have no network {folder!r}. {suggestion(folder, known)}"
                f"They have: {listed(known, 40)}."
            )
        return Settings(**{**vars(self), "networks": tuple(chosen)})


@dataclass(frozen=True)
class Folders:
    """Where everything lies under the data folder."""

    data: Path
    train: str = "ImageNetTraining"
    test: str = "ImageNetTest"
    fmri: str = field(default="fmri")

    def features(self, images: str, network: str) -> Path:
        """Features of one set of images: ``<layer>/<image>.mat``."""
        return self.data / "features" / images / network

    def images(self, images: str) -> Path:
        """The pictures of one set."""
        return self.data / "images" / images

    def decoder(self, *parts: str) -> Path:
        """A trained decoder; ``parts`` are network, layer, subject, region."""
        return Path(self.data / "feature_decoders" / self.train, *parts, "model")

    def decoded(self, *parts: str) -> Path:
        """The decoded features of each test image."""
        return Path(self.data / "decoded_features" / self.test, *parts)

    def decoding_accuracy(self, *parts: str) -> Path:
        """The file with the decoding accuracy of each unit of a layer."""
        return Path(self.data / "decoding_accuracy" / self.test, *parts, "accuracy.mat")

    def encoding_accuracy(self, *parts: str) -> Path:
        """The file with the encoding accuracy of each voxel of a region."""
        return Path(self.data / "encoding_accuracy" / self.test, *parts, "accuracy.mat")

    def recording(self, subject: str, kind: str) -> Path:
        """The BData file of a subject; ``kind`` is ``"Training"`` or ``"Test"``.

        Raises
        ------
        NotFoundError
            If there is none.
        InputError
            If several would do.
        """
        folders = [self.data / self.fmri, self.data / "fmri_data"]
        folder = next((each for each in folders if each.is_dir()), folders[0])
        found = sorted(
            path
            for path in (folder.iterdir() if folder.is_dir() else ())
            if path.suffix in (".h5", ".mat") and kind.lower() in path.name.lower()
            if path.name.startswith(subject) and not path.name[len(subject) :][:1].isalnum()
        )
        if not found:
            raise NotFoundError(
                f"There is no {kind.lower()} recording of {subject!r}; a file such as "
                f"{str(folder / f'{subject}_perceptionNaturalImage{kind}_VC_v2.h5')!r} is needed."
            )
        if len(found) > 1:
            raise InputError(
                f"Several files could be the {kind.lower()} recording of {subject!r}: "
                f"{listed(path.name for path in found)}. Leave one."
            )
        return found[0]


def read_settings(path: str | Path) -> Settings:
    """Read ``settings.json``.

    Parameters
    ----------
    path : path
        With ``subjects``, ``rois`` (in the order of the hierarchy; a list of names, or a mapping
        to selectors) and ``dnns`` (``dir``, ``layers``; here also ``network`` and ``weights``).
        Optional: ``n_features`` (voxels that decode a unit), ``n_features_encoding`` (units that
        encode a voxel; default ``n_features``), ``alpha``, ``train``, ``test``.

    Raises
    ------
    NotFoundError, FormatError, InputError
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no settings file {str(path)!r}.")
    with reading(path, "JSON", alone=True):
        return _settings(json.loads(path.read_text(encoding="utf-8")), path)


def _settings(held: Any, path: Path) -> Settings:
    for key in ("subjects", "rois", "dnns"):
        if not isinstance(held, dict) or not held.get(key):
            raise FormatError(
                f"{str(path)!r} has no {key!r}; it needs subjects, rois and dnns, such as "
                '{"subjects": ["sub-01"], "rois": ["V1", "V2"], "dnns": {"AlexNet": {"dir": '
                '"caffe/AlexNet", "layers": ["conv1", "conv2"]}}}.'
            )
    rois = held["rois"]
    if not isinstance(rois, dict):
        rois = {roi: f"ROI_{roi} = 1" for roi in _names(rois, "rois", path)}
    _names(list(rois), "rois", path)
    for roi, expression in rois.items():
        _is(expression, str, f"the selector of {roi!r}", "text", path)
    _is(held["dnns"], dict, "'dnns'", "a mapping from name to network", path)
    networks = tuple(_network(name, each, path) for name, each in held["dnns"].items())
    subjects = _names(held["subjects"], "subjects", path)
    return Settings(subjects, rois, networks, **_further(held, path))


def _further(held: Mapping[str, Any], path: Path) -> dict[str, Any]:
    found = {key: held[key] for key in (*_COUNTS, "alpha", "train", "test") if key in held}
    for key in {"train", "test"} & set(found):
        _names([found[key]], key, path)
    for key in _COUNTS:
        if not _is_number(found.get(key, 1), int) or found.get(key, 1) < 1:
            raise FormatError(f"{str(path)!r}: {key!r} must be a whole number from 1.")
    if not _is_number(found.get("alpha", 1), int | float) or not found.get("alpha", 1) >= 0:
        raise FormatError(f"{str(path)!r}: 'alpha' must be a number from 0.")
    return found


def _is_number(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is(value: Any, kind: type, what: str, wanted: str, path: Path) -> None:
    if not isinstance(value, kind):
        raise FormatError(
            f"{str(path)!r}: {what} must be {wanted}, not {type(value).__name__} ({value!r:.60})."
        )


def _names(names: Any, what: str, path: Path) -> tuple[str, ...]:
    """Names of folders and files: each is a single one, which stays in the data folder."""
    _is(names, list, repr(what), "a list of names", path)
    for name in names:
        _is(name, str, f"each of {what!r}", "text", path)
        if leads_out(name) or name == "." or "/" in name or "\\" in name:
            raise FormatError(
                f"{str(path)!r}: {name!r} in {what!r} leaves the data folder: names become names "
                "of folders in it. '/' in the name of a layer is written ':'."
            )
    if len(set(names)) < len(names):
        raise FormatError(f"{str(path)!r}: {what!r} lists a {what.split()[0].rstrip('s')} twice.")
    return tuple(names)


def _network(name: str, held: Any, path: Path) -> NetworkSettings:
    if not isinstance(held, dict) or not held.get("dir") or not held.get("layers"):
        raise FormatError(f"{str(path)!r}: the network {name!r} needs 'dir' and 'layers'.")
    layers = _names(held["layers"], f"layers of {name}", path)
    _is(held["dir"], str, f"'dir' of {name!r}", "the path of a folder", path)
    folder = held["dir"].rstrip("/")
    if leads_out(folder) or "\\" in folder:
        raise FormatError(
            f"{str(path)!r}: 'dir' of the network {name!r} is {held['dir']!r}, which leaves the "
            "data folder; give it relative to the folder of features, such as 'caffe/AlexNet'."
        )
    network = held.get("network", folder.rsplit("/", 1)[-1].lower())
    _is(network, str, f"'network' of {name!r}", "a name", path)
    weights = held.get("weights")
    if weights is not None:
        _is(weights, str, f"'weights' of {name!r}", "a path", path)
    if weights not in (None, RANDOM):
        weights = str(path.parent / weights)
    return NetworkSettings(name, folder, layers, network, weights)
