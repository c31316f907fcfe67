"""The jobs of the Brain Hierarchy score: one for each network, layer, subject and region."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from isocortex.bh.decoding import decode_layer
from isocortex.bh.encoding import encode_layer
from isocortex.bh.extraction import IMAGES_AT_ONCE, check_layers, extract_images, feature_files
from isocortex.bh.settings import Folders, NetworkSettings, Settings
from isocortex.data.stimuli import Stimuli
from isocortex.jobs.jobs import Job


def decoding_jobs(folders: Folders, settings: Settings) -> list[Job]:
    """Decode each layer from each region of each subject."""
    return _each(folders, settings, "decode", decode_layer, folders.decoding_accuracy)


def encoding_jobs(folders: Folders, settings: Settings) -> list[Job]:
    """Encode each region of each subject from each layer."""
    return _each(folders, settings, "encode", encode_layer, folders.encoding_accuracy)


def extraction_jobs(
    folders: Folders,
    settings: Settings,
    images: Mapping[str, Stimuli],
    n_units: int | None = None,
    seed: int = 0,
) -> list[Job]:
    """Run each network over batches of each set of images; ``images`` is by the set's name."""
    jobs = []
    for network in settings.networks:
        for kind, stimuli in images.items():
            for start in range(0, len(stimuli), IMAGES_AT_ONCE):
                rows = np.arange(start, min(start + IMAGES_AT_ONCE, len(stimuli)))
                part = stimuli.take(rows)
                name = f"extract {network.folder} {kind} images {start + 1} to {rows[-1] + 1}"
                results = feature_files(folders, kind, network, part.names)
                arguments = (folders, kind, network, part, n_units, seed)
                jobs.append(Job(name, _extract, arguments, results))
    return jobs


def _extract(folders: Folders, kind: str, network: NetworkSettings, *rest) -> None:
    check_layers(network)
    extract_images(folders, kind, network, *rest)


def _each(
    folders: Folders,
    settings: Settings,
    verb: str,
    work: Callable[..., None],
    result: Callable[..., Path],
) -> list[Job]:
    return [
        Job(
            f"{verb} {network.folder} {layer} {subject} {roi}",
            work,
            (folders, settings, network.folder, layer, subject, roi),
            (result(network.folder, layer, subject, roi),),
        )
        for network in settings.networks
        for layer in network.layers
        for subject in settings.subjects
        for roi in settings.rois
    ]
