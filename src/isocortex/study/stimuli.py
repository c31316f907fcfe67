"""The stimuli of a study, from wherever it has them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import isocortex.datasets as datasets
from isocortex.choice import suggestion
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, NotFoundError
from isocortex.study.patterns import inside
from isocortex.study.sources import STIMULI, StimuliSource

WITH_STIMULI: Mapping[str, Callable[[], Any]] = {
    "images92": datasets.images92,
    "digits69": datasets.digits69,
    "alice": datasets.alice,
}


def dataset(name: str) -> Any:
    """A data set that has stimuli and recordings of them.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in WITH_STIMULI:
        raise InputError(
            f"{name!r} is no data set with stimuli and recordings of them. "
            f"{suggestion(name, WITH_STIMULI)}Known: {', '.join(WITH_STIMULI)}."
        )
    return WITH_STIMULI[name]()


def given_by(source: StimuliSource) -> str:
    """The key of the file that says where the stimuli are."""
    return next(each for each in STIMULI if getattr(source, each) is not None)


def stimuli_of(source: StimuliSource, folder: Path) -> Stimuli:
    """What was shown, from wherever the study has it."""
    found = _PLACES[given_by(source)](source, folder)
    if source.sort == "name":
        found = found.take(sorted(range(len(found)), key=lambda row: found.names[row]))
    return found


def _of_dataset(source: StimuliSource, _folder: Path) -> Stimuli:
    found = dataset(str(source.dataset))
    if hasattr(found, "stimuli"):
        if source.clitics != "keep":
            raise InputError(f"{source.dataset!r} has no words, and so no clitics.")
        return found.stimuli
    return _without_clitics(Stimuli.from_words(found.words.table, **_joined(source)), source)


def _of_words(source: StimuliSource, folder: Path) -> Stimuli:
    found: Any = _files(source.words, folder)
    tier = {} if source.tier is None else {"tier": source.tier}
    return _without_clitics(Stimuli.from_words(found, **tier, **_joined(source)), source)


def _joined(source: StimuliSource) -> dict[str, Any]:
    return {"join_clitics": source.clitics == "join"}


def _without_clitics(words: Stimuli, source: StimuliSource) -> Stimuli:
    if source.clitics != "drop":
        return words
    spoken = words.table["word"].str.startswith(("'", "’"))
    return words.take(~spoken.to_numpy(bool))


def _of_audio(source: StimuliSource, folder: Path) -> Stimuli:
    return Stimuli.from_audio(_files(source.audio, folder), **_cut(source))


def _of_video(source: StimuliSource, folder: Path) -> Stimuli:
    return Stimuli.from_video(_files(source.video, folder), **_cut(source))


def _cut(source: StimuliSource) -> dict[str, Any]:
    return {"window": source.window, "hop": source.hop, "stamp": source.stamp}


def _files(given: "str | list[str] | None", folder: Path) -> Any:
    """One path or several, each of which must be there."""
    paths = [inside(folder, each) for each in ([given] if isinstance(given, str) else given or ())]
    for path in paths:
        if not path.is_file():
            raise NotFoundError(f"there is no file {str(path)!r}.")
    return paths[0] if isinstance(given, str) else paths


_PLACES: Mapping[str, Callable[[StimuliSource, Path], Stimuli]] = {
    "dataset": _of_dataset,
    "folder": lambda source, folder: Stimuli.from_folder(inside(folder, str(source.folder))),
    "table": lambda source, folder: Stimuli.from_csv(inside(folder, str(source.table))),
    "words": _of_words,
    "sentences": lambda source, folder: Stimuli.from_sentences(_files(source.sentences, folder)),
    "audio": _of_audio,
    "video": _of_video,
}
