"""A story, word by word, and the brains of those who heard it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.words.textgrid import read_textgrid
from isocortex.data.words.tiers import is_silence
from isocortex.datasets import simulated
from isocortex.datasets.folders import is_absent, opened, told
from isocortex.errors import FormatError

REGIONS = ("LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG")
TR, N_VOLUMES, DROPPED = 2.0, 372, 10


@dataclass(frozen=True)
class Alice:
    """The first chapter of *Alice in Wonderland*, and 28 people who listened to it.

    Attributes
    ----------
    words : Stimuli
        2127 words with their times; 0 s is the start of the first of 372 volumes, 2 s apart.
    listeners : tuple of Responses, shape (362, 6) each
        The first ten volumes are not there. The label ``subject`` has their numbers; number 33 is
        constant. Units have the column ``region``.
    simulated : bool
        Whether nobody heard this, and it is a stand-in whose answer is known.
    features : mapping of str to Responses
        In the simulated story only: what stands in for two networks that read it, ``GloVe``
        and ``hidden state 0`` to ``hidden state 6``, a row for each word.

    See Also
    --------
    alice : Returns it.
    Images92, Digits, Fingers : Other data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> story = ic.datasets.alice()
    >>> story.words.names[:2], len(story.listeners)
    (('word 0001 alice', 'word 0002 was'), 28)
    """

    words: Stimuli
    listeners: tuple[Responses, ...]
    simulated: bool = False
    features: Mapping[str, Responses] = field(default_factory=dict)

    def __repr__(self) -> str:
        text = f"{counted(len(self.words), 'word')}, {counted(len(self.listeners), 'listener')}"
        return told(self, text)


def alice(*, or_simulated: bool = False) -> Alice:
    """fMRI of 28 people who heard a story: six regions of the language network, 2 s a volume.

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; its ``print`` and ``.simulated`` say so.
        Data that are there are always returned, or told to be damaged.
        In it eight people follow GloVe, and hidden state 2 knows most of it; a ninth is constant.

    Returns
    -------
    Alice
        ``.words`` and ``.listeners``.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    Alice : What it returns.
    isocortex.resample, isocortex.delayed : From words to what a recording can follow.
    isocortex.clean, isocortex.intersubject : Trends out; what listeners share.

    References
    ----------
    .. [1] Brennan, Stabler, Van Wagenen, Luh & Hale (2016), Abstract linguistic structure
       correlates with temporal activity during naturalistic comprehension, Brain Lang. 157:81.
       https://doi.org/10.1016/j.bandl.2016.04.008

    Examples
    --------
    >>> import isocortex as ic
    >>> story = ic.datasets.alice()
    >>> story
    Alice(2127 words, 28 listeners, recorded)
    >>> story.listeners[0]
    Responses(362 stimuli x 6 units, float64, subject='18')
    """
    if or_simulated and is_absent("alice"):
        words, heard, features = simulated.story(TR, N_VOLUMES)
        listeners = tuple(_listener(*each) for each in heard.items())
        return Alice(words, listeners, True, features)
    with opened("alice") as folder:
        (tier,) = read_textgrid(next((folder / "stim").glob("*.TextGrid"))).tiers
        files = sorted((folder / "6mm").glob("s*-timecourses.txt"))
        series = {file.name[1:3]: np.loadtxt(file) for file in files}
    spoken = [each for each in tier.entries if not is_silence(each[2])]
    table = pd.DataFrame(spoken, columns=["onset", "offset", "word"]).assign(run="1")
    words = Stimuli.from_words(table)
    return Alice(words, tuple(_listener(*each) for each in series.items()))


def _listener(subject: str, values: np.ndarray) -> Responses:
    expected = (N_VOLUMES - DROPPED, len(REGIONS))
    if values.shape != expected:
        raise FormatError(f"alice: subject {subject} has shape {values.shape}, not {expected}.")
    kept = np.arange(DROPPED, N_VOLUMES)
    table = {"run": "1", "onset": kept * TR, "offset": (kept + 1) * TR}
    names = [f"volume {i}" for i in kept]
    return Responses(values, names, {"region": REGIONS}, {"subject": subject}, table)
