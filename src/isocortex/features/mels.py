"""What a sound is made of, moment by moment: bands of frequency."""

import numpy as np

from isocortex.choice import is_whole
from isocortex.data.needs import door
from isocortex.data.recorded.sounds import Sound
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.features.moments import Moments, moments_as_rows, positive, sounds_of
from isocortex.numerics.signal.sound import mel_centres, mel_filters, power_spectra


@door
def mel_spectrogram(
    sounds: Stimuli,
    n_mels: int = 80,
    *,
    window: float = 0.025,
    hop: float = 0.01,
    low: float = 0.0,
    high: float | None = None,
) -> Responses:
    """Log power in bands that are evenly spaced as pitch is heard.

    ``log₁₀ max(M·|DFT(w·x)|², 1e-10)``, with a periodic Hann window w, and M triangles of area 1
    whose edges are evenly spaced on Slaney's mel scale: hertz / 66.7 up to 1000 Hz, 27 more for
    each factor of 6.4 above (M. Slaney, Auditory Toolbox, 1998).

    Parameters
    ----------
    sounds : Stimuli
        From :meth:`Stimuli.from_audio`, of one rate.
    n_mels : int, default=80
        How many bands.
    window, hop : float, default=0.025, 0.01
        Seconds: how long each piece is, and how far the next one. Rounded to samples.
    low, high : float, default=0, half the sampling rate
        Hertz, between which the bands lie.

    Returns
    -------
    Responses
        A row for each piece that lies in its stimulus wholly, with its ``onset``, ``offset`` and
        ``time`` in the table; a unit for each band, with its ``frequency`` (of the peak, Hz).

    Raises
    ------
    InputError
        If these are no sounds, or of several rates, or shorter than a window; if bands are
        so narrow that some hold no frequency of the window, or lie beyond half the rate.

    See Also
    --------
    envelope : All bands in one.
    isocortex.Stimuli : ``from_audio`` makes sounds.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> tone = np.sin(2 * np.pi * 500 * np.arange(4000) / 8000)
    >>> bands = ic.features.mel_spectrogram(ic.Stimuli.from_audio(tone, 8000), n_mels=20)
    >>> loudest = bands.numpy().mean(0).argmax()
    >>> bands.n_stimuli, round(float(bands.units["frequency"][loudest]))
    (48, 447)
    """
    who = "features.mel_spectrogram"
    found = list(sounds_of(sounds, who))
    rates = sorted({each.rate for each in found})
    if len(rates) > 1:
        raise InputError(
            f"{who} needs sounds of one rate; these have {', '.join(map(str, rates))} Hz. Give "
            "Stimuli.from_audio rate=."
        )
    rate = rates[0]
    high = rate / 2 if high is None else positive(high, "high", who)
    size = round(positive(window, "window", who) * rate)
    step = round(positive(hop, "hop", who) * rate)
    _check_bands(n_mels, size, step, (low, high, rate / 2), who)
    bands = mel_filters(rate, size, n_mels, low, high)
    empty = int((bands.sum(1) == 0).sum())
    if empty:
        raise InputError(
            f"{who}: {empty} of {n_mels} bands hold no frequency of a window of {size} samples. "
            "Use fewer bands, or a longer window=."
        )
    moments = [_of(each, bands, size, step, who) for each in found]
    centres = mel_centres(n_mels, low, high)
    units = {"feature": [f"{each:.0f} Hz" for each in centres], "frequency": centres}
    return moments_as_rows(sounds, moments, units, {"layer": "mel_spectrogram"})


def _check_bands(
    n_mels: int, size: int, step: int, span: tuple[float, float, float], who: str
) -> None:
    low, high, most = span
    if not is_whole(n_mels) or n_mels < 1:
        raise InputError(f"{who}: n_mels={n_mels!r} must be a whole number from 1.")
    if size < 2 or step < 1:
        raise InputError(f"{who}: window= and hop= are {size} and {step} samples: too few.")
    if not 0 <= low < high <= most:
        raise InputError(
            f"{who}: bands from low={low:g} to high={high:g} Hz must lie between 0 and half the "
            f"sampling rate, {most:g} Hz."
        )


def _of(sound: Sound, bands: np.ndarray, size: int, step: int, who: str) -> Moments:
    power = power_spectra(sound.samples(), size, step)
    if not len(power):
        raise InputError(f"{who}: {sound} is shorter than a window of {size} samples.")
    onset = np.arange(len(power)) * (step / sound.rate)
    values = np.log10(np.maximum(power @ bands.T, 1e-10))
    return Moments(values, onset, onset + size / sound.rate)
