"""The modalities that there are, and the one sentence where a verb needs another."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from isocortex.choice import one_of, there_are
from isocortex.data.modalities.excerpts import Excerpts
from isocortex.data.modalities.images import Images
from isocortex.data.modalities.modality import Modality
from isocortex.data.modalities.texts import Text
from isocortex.errors import InputError

if TYPE_CHECKING:
    from isocortex.data.stimuli import Stimuli

MODALITIES: Mapping[str, Modality] = {
    "image": Images(),
    "text": Text(),
    "audio": Excerpts("audio"),
    "video": Excerpts("video"),
}
"""By what ``Stimuli.modality`` calls each."""

_MAKERS = {
    "image": "Stimuli.from_folder, from_csv and from_arrays make them",
    "text": "Stimuli.from_words and from_sentences make it",
    "audio": "Stimuli.from_audio makes it",
    "video": "Stimuli.from_video makes it",
}


def checked_modality(name: str) -> str:
    """The name of a modality.

    Raises
    ------
    InputError
        If there is none of the name.
    """
    return one_of(name, MODALITIES, "modality")


def needs_modality(stimuli: "Stimuli", wanted: str | tuple[str, ...], who: str) -> None:
    """Refuse stimuli of another modality than a verb can use, and none at all.

    Parameters
    ----------
    stimuli : Stimuli
    wanted : str or tuple of str
    who : str
        The verb, as its user writes it, with what of it needs them: ``"extract with AlexNet"``.

    Raises
    ------
    InputError
        In one sentence: what is needed, what there is, and how to make what is needed.
    """
    kinds = (wanted,) if isinstance(wanted, str) else wanted
    plural = " or ".join(MODALITIES[each].plural for each in kinds)
    if stimuli.modality not in kinds:
        ways = "; ".join(_MAKERS[each] for each in kinds)
        raise InputError(
            f"{who} needs {plural}; {there_are(len(stimuli), 'stimulus')} of modality "
            f"{stimuli.modality!r}. {ways}."
        )
    if not len(stimuli):
        raise InputError(f"{who} needs {plural}; there are 0 stimuli.")
