"""Encode every voxel of one region of one subject from a layer, read in blocks of units."""

import numpy as np

from isocortex.bh.inputs import Scaled, layer, layer_scale, matched
from isocortex.bh.recordings import region
from isocortex.bh.settings import Folders, Settings
from isocortex.choice import counted
from isocortex.errors import MisalignedError
from isocortex.formats.mat.alike import write_one_alike
from isocortex.mapping.models.selective import SelectiveRidge
from isocortex.numerics.measures.profiles import profile_correlation


def encode_layer(
    folders: Folders, settings: Settings, network: str, name: str, subject: str, roi: str
) -> None:
    """Fit the voxels of a region from a layer, predict the test images, keep the accuracies.

    Repeated trials of an image are fitted as their mean that counts so often, with the same
    result. Writes ``encoding_accuracy/…/accuracy.mat``, Pearson correlations over test images;
    NaN for a voxel that is constant.

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
    who = f"encode {subject} {roi}"
    trials = region(folders, settings, subject, roi, "Training")
    measured, test_images, _ = region(folders, settings, subject, roi, "Test").averaged()
    features = layer(folders, settings.train, network, name)
    held_out = layer(folders, settings.test, network, name)
    if features.n_units != held_out.n_units:
        raise MisalignedError(
            f"{who}: the layer {name!r} has {counted(features.n_units, 'unit')} for the training "
            "images but "
            f"{held_out.n_units} for the test images. Extract one of them again."
        )
    y = trials.scale
    means, images, times = trials.averaged()
    # The mean over trials of standardized voxels is the standardized mean.
    targets = y.apply(means)[:, y.varies].astype(np.float64)
    x = layer_scale(folders, settings.train, network, name)
    accuracy = np.full(len(y.mean), np.nan)
    if y.varies.any() and x.varies.any():
        design = Scaled(features.values, matched(images, features, who), x)
        model = SelectiveRidge(settings.n_units, settings.alpha)
        model.fit(design, targets, sample_weight=times)
        predicted = model.predict(Scaled(held_out.values, matched(test_images, held_out, who), x))
        accuracy[y.varies] = profile_correlation(predicted, measured[:, y.varies])
    path = folders.encoding_accuracy(network, name, subject, roi)
    write_one_alike(path, accuracy[None], "accuracy", dtype=np.float32)
