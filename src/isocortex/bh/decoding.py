"""Decode every unit of a layer from one region of one subject, as the original does."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.bh.inputs import layer, layer_scale, matched
from isocortex.bh.recordings import region
from isocortex.bh.scales import Scale
from isocortex.bh.settings import Folders, Settings
from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.errors import FormatError
from isocortex.formats.mat.alike import write_alike, write_one_alike
from isocortex.formats.mat.features import checked_stem
from isocortex.formats.mat.files import read_array, write_array
from isocortex.mapping.models.selective import SelectiveRidge
from isocortex.numerics.measures.profiles import profile_correlation
from isocortex.store.atomic import whole, whole_folder

UNITS_AT_ONCE = 4096
INFO = "_status:\n  computation_id: {name}\n  computation_status: done\n"


@dataclass(frozen=True, eq=False)
class Decoder:
    """A trained decoder, in the numbers that its files hold."""

    weights: np.ndarray
    """Shape (n_voxels, n_units), float32."""
    bias: np.ndarray
    """Shape (n_units,), float32."""
    x: Scale
    y: Scale

    def predict(self, voxels: np.ndarray) -> np.ndarray:
        """Decoded features, shape (n_images, n_units)."""
        scaled = self.x.apply(voxels).astype(np.float64)
        return self.y.undo(scaled @ self.weights + self.bias)


def decode_layer(
    folders: Folders, settings: Settings, network: str, name: str, subject: str, roi: str
) -> None:
    """Train a decoder unless it is there, predict the test images, and keep the accuracies.

    Writes ``feature_decoders/…/model``, ``decoded_features/…/<image>.mat`` and
    ``decoding_accuracy/…/accuracy.mat``. Accuracies are Pearson correlations over test images;
    NaN for a unit that is constant in training or test.

    Parameters
    ----------
    folders, settings
    network : str
        ``<framework>/<network>``.
    name, subject, roi : str

    Raises
    ------
    IsocortexError
        With what is missing or does not fit.
    """
    parts = (network, name, subject, roi)
    test = region(folders, settings, subject, roi, "Test")
    voxels, images, _ = test.averaged()
    truth = layer(folders, settings.test, network, name)
    rows = matched(images, truth, f"decode {subject} {roi}")
    decoder = _decoder(folders, settings, parts)
    predicted = decoder.predict(voxels)
    if predicted.shape[1] != truth.n_units:
        raise FormatError(
            f"The decoder of {' '.join(parts)} gives {counted(predicted.shape[1], 'unit')}, but "
            "the layer "
            f"has {truth.n_units}. Remove {str(folders.decoder(*parts))!r} and decode again."
        )
    accuracy = profile_correlation(predicted, truth.numpy()[rows].astype(np.float64))
    shape = _shape(truth)
    with whole_folder(folders.decoded(*parts)) as draft:
        stems = map(checked_stem, images)
        rows = dict(zip(stems, predicted.reshape(-1, 1, *shape), strict=True))
        write_alike(draft, rows, "feat", dtype=np.float32)
    write_one_alike(
        folders.decoding_accuracy(*parts),
        accuracy.reshape(1, *shape),
        "accuracy",
        dtype=np.float32,
    )


def is_trained(folder: Path) -> bool:
    """Whether a decoder is complete: its ``info.yaml`` says so, and its files are there."""
    info = folder / "info.yaml"
    files = ("W", "b", "x_mean", "x_norm", "y_mean", "y_norm")
    return (
        info.is_file()
        and "computation_status: done" in info.read_text(encoding="utf-8")
        and all((folder / f"{file}.mat").is_file() for file in files)
    )


def _decoder(folders: Folders, settings: Settings, parts: tuple[str, ...]) -> Decoder:
    folder = folders.decoder(*parts)
    if is_trained(folder):
        held = _read(folder)
        # One constant voxel makes all weights NaN in the original; such a decoder is trained anew.
        if np.isfinite(held.weights).all() and np.isfinite(held.bias).all():
            return held
    decoder, shape = _trained(folders, settings, parts)
    _write(decoder, folder, shape, "-".join(parts))
    return decoder


def _trained(folders: Folders, settings: Settings, parts: tuple[str, ...]):
    network, name, subject, roi = parts
    trials = region(folders, settings, subject, roi, "Training")
    features = layer(folders, settings.train, network, name)
    rows = matched(trials.images, features, f"decode {subject} {roi}")
    x, y = trials.scale, layer_scale(folders, settings.train, network, name)
    voxels = x.apply(trials.values)
    weights = np.zeros((len(x.mean), len(y.mean)), dtype=np.float32)
    bias = np.zeros(len(y.mean), dtype=np.float32)
    varies = np.nonzero(x.varies)[0]
    model = SelectiveRidge(settings.n_features, settings.alpha)
    for start in range(0, len(y.mean), UNITS_AT_ONCE):
        columns = slice(start, start + UNITS_AT_ONCE)
        units = y.apply(np.asarray(features.values[:, columns], dtype=np.float64), columns)
        varying = np.nonzero(y.varies[columns])[0]
        if not len(varying) or not len(varies):
            continue
        fitted = model.fit(voxels[:, varies], units[rows][:, varying])
        weights[np.ix_(varies, start + varying)] = fitted.coef_.toarray().T
        bias[start + varying] = fitted.intercept_
    return Decoder(weights, bias, x, y), _shape(features)


def _write(decoder: Decoder, folder: Path, shape: tuple[int, ...], name: str) -> None:
    """The files of bdpy's ModelTraining; the one that says "done" comes last."""
    for side, scale in (("x", decoder.x), ("y", decoder.y)):
        sides = (1, *(shape if side == "y" else (len(scale.mean),)))
        write_one_alike(folder / f"{side}_mean.mat", scale.mean.reshape(sides), f"{side}_mean")
        write_one_alike(folder / f"{side}_norm.mat", scale.norm.reshape(sides), f"{side}_norm")
    weights = decoder.weights.reshape(-1, *shape)
    write_array(folder / "W.mat", weights, "W", sparse=True)
    write_one_alike(folder / "b.mat", decoder.bias.reshape(1, *shape), "b")
    with whole(folder / "info.yaml") as draft:
        draft.write_text(INFO.format(name=name), encoding="utf-8")


def _read(folder: Path) -> Decoder:
    held = {}
    for name in ("W", "b", "x_mean", "x_norm", "y_mean", "y_norm"):
        held[name] = read_array(folder / f"{name}.mat", name)
    weights = held["W"].reshape(len(held["W"]), -1)
    scales = []
    for side, n in (("x", weights.shape[0]), ("y", weights.shape[1])):
        mean, norm = held[f"{side}_mean"].ravel(), held[f"{side}_norm"].ravel()
        if len(mean) != n or len(norm) != n:
            raise FormatError(
                f"The decoder in {str(folder)!r} does not fit together: W has shape "
                f"{held['W'].shape}, {side}_mean {held[f'{side}_mean'].shape}. Remove the folder "
                "to train it again."
            )
        varies = np.isfinite(norm) & (norm > 0) & np.isfinite(mean)
        scales.append(Scale(np.where(varies, mean, 0), np.where(varies, norm, 1), varies))
    return Decoder(weights, held["b"].ravel(), *scales)


def _shape(features: Responses) -> tuple[int, ...]:
    return tuple(getattr(features.values, "unit_shape", (features.n_units,)))
