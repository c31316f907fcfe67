"""Features of words, sounds and films, in a study as a network of one layer."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import isocortex.features as features
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, NotFoundError
from isocortex.files.read import read
from isocortex.files.save import save
from isocortex.study.keys import FileKeys
from isocortex.study.patterns import inside
from isocortex.study.sources import NetworkSource

SUFFIX = ".npz"
"""Of the file that keeps a feature, where a network has a store."""

_OF_WORDS = ("word_rate", "word_length", "log_frequency", "embedding")
_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OF_WORDS, ("text",)),
    "tf_idf": ("text",),
    "envelope": ("audio",),
    "mel_spectrogram": ("audio",),
    "motion_energy": ("video",),
}


def refuse_other_stimuli(source: NetworkSource, stimuli: Stimuli) -> None:
    """A feature is of one modality; most are of words.

    Raises
    ------
    InputError
        If the stimuli are of another.
    """
    names = [*([source.feature] if source.feature else []), *source.beside]
    for name in names:
        of_words = name in _OF_WORDS
        if stimuli.modality not in _OF[name] or (of_words and not stimuli.is_running):
            what = "words" if of_words else _OF[name][0]
            raise InputError(
                f"the feature {name} is of {what}; the stimuli of the study are of modality "
                f"{stimuli.modality!r}{'' if stimuli.modality != 'text' else ', without times'}."
            )


def vectors_of(source: NetworkSource, folder: Path) -> Path | None:
    """The file of vectors of an embedding.

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    if source.vectors is None:
        return None
    path = inside(folder, source.vectors)
    if not path.is_file():
        path = _local(source.vectors) or path
    if not path.is_file():
        raise NotFoundError(f"there is no file of vectors {str(path)!r}.")
    return path


def _local(name: str) -> Path | None:
    """A file in a folder of local weights, such as glove_50d/glove_6b_50d_20k.npz."""
    from isocortex.datasets.weights import local_weights

    folder, _, file = name.partition("/")
    try:
        return local_weights(folder) / file if file else None
    except NotFoundError:
        return None


def identity_of(source: NetworkSource, folder: Path, files: FileKeys) -> dict[str, Any]:
    """What decides a feature, beside the stimuli."""
    path = vectors_of(source, folder)
    vectors = None if path is None else [files.of(path), source.unknown]
    return {"feature": source.feature, "vectors": vectors}


def feature_of(source: NetworkSource, stimuli: Stimuli, folder: Path) -> Responses:
    """The values of a feature."""
    if source.feature == "embedding":
        vectors = vectors_of(source, folder)
        assert vectors is not None
        return features.embedding(stimuli, vectors, unknown=source.unknown)
    return _PLAIN[str(source.feature)](stimuli)


def keep_feature(source: NetworkSource, stimuli: Stimuli, folder: Path, into: Path) -> None:
    """Write a feature into a file."""
    save(feature_of(source, stimuli, folder), into)


def kept_feature(path: Path) -> Responses:
    """A feature from its file."""
    return read(path)


def with_features(layer: Responses, beside: tuple[str, ...]) -> Responses:
    """A layer with features of its words in front, under one model."""
    if not beside:
        return layer
    return Responses.concat([*(_PLAIN[name](layer) for name in beside), layer])


_PLAIN: Mapping[str, Callable[[Any], Responses]] = {
    "word_rate": features.word_rate,
    "word_length": features.word_length,
    "log_frequency": features.log_frequency,
    "tf_idf": features.tf_idf,
    "envelope": features.envelope,
    "mel_spectrogram": features.mel_spectrogram,
    "motion_energy": features.motion_energy,
}
