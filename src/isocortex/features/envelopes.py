"""How loud a sound is, moment by moment."""

import numpy as np

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.data.recorded.sounds import Sound
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.features.moments import Moments, moments_as_rows, positive, sounds_of
from isocortex.numerics.signal.sound import envelope as mean_envelope


@door
def envelope(sounds: Stimuli, rate: float = 100.0) -> Responses:
    """The broadband envelope: the mean of ``|x + i·H(x)|`` over bins of 1/rate s.

    H is the Hilbert transform over each whole stimulus (window), so that at its ends the
    envelope knows nothing of what is before and after.

    Parameters
    ----------
    sounds : Stimuli
        From :meth:`Stimuli.from_audio`.
    rate : float, default=100.0
        Rows in a second; at most the rate of the samples.

    Returns
    -------
    Responses
        One unit, in the unit of the samples (1 is full scale). Row i of a stimulus is of
        i/rate to (i + 1)/rate seconds; the table has its ``onset``, ``offset`` and ``time``, the
        middle. Samples that do not fill a last bin are left out.

    Raises
    ------
    InputError
        If these are no sounds, one is shorter than a bin, or rate is above that of samples.

    See Also
    --------
    mel_spectrogram : The same in bands of frequency.
    isocortex.Stimuli : ``from_audio`` makes sounds.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> tone = np.sin(2 * np.pi * 100 * np.arange(1000) / 1000)
    >>> loud = ic.features.envelope(ic.Stimuli.from_audio(tone, 1000), rate=4)
    >>> loud.numpy().ravel().round(3), loud.table["onset"].tolist()
    (array([1., 1., 1., 1.]), [0.0, 0.25, 0.5, 0.75])
    """
    who = "features.envelope"
    rate = positive(rate, "rate", who)
    found = [_of(each, rate, who) for each in sounds_of(sounds, who)]
    return moments_as_rows(sounds, found, {"feature": ["envelope"]}, {"layer": "envelope"})


def _of(sound: Sound, rate: float, who: str) -> Moments:
    samples, own = sound.samples(), sound.rate
    n = int(len(samples) * rate / own + 1e-9)
    if rate > own or not n:
        raise InputError(
            f"{who}: rate={rate:g} needs a sample in every bin and a bin in every sound; {sound} "
            f"has {counted(len(samples), 'sample')} at {own} Hz."
        )
    edges = np.round(np.arange(n + 1) * (own / rate)).astype(int)
    bins = np.arange(n + 1) / rate
    return Moments(mean_envelope(samples, edges)[:, None], bins[:-1], bins[1:])
