"""Spectra in time, mel bands and envelopes of sound."""

import numpy as np

_BREAK_HZ, _LINEAR, _STEP = 1000.0, 200 / 3, np.log(6.4) / 27
"""Slaney's mel scale: linear up to 1000 Hz, then 27 mel for each factor of 6.4."""


def mel_of_hz(hertz: np.ndarray | float) -> np.ndarray:
    """Slaney's mel scale: hertz / 66.7 up to 1000 Hz (15 mel), logarithmic above."""
    hertz = np.asarray(hertz, dtype=float)
    above = _BREAK_HZ / _LINEAR + np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _STEP
    return np.where(hertz < _BREAK_HZ, hertz / _LINEAR, above)


def hz_of_mel(mel: np.ndarray) -> np.ndarray:
    """Hertz of values on Slaney's mel scale, the inverse of :func:`mel_of_hz`."""
    mel = np.asarray(mel, dtype=float)
    bend = _BREAK_HZ / _LINEAR
    return np.where(
        mel < bend, mel * _LINEAR, _BREAK_HZ * np.exp(_STEP * np.maximum(mel - bend, 0))
    )


def mel_filters(rate: float, n_fft: int, n_mels: int, low: float, high: float) -> np.ndarray:
    """Triangles between neighbouring points of a mel scale, each of area 1 in hertz.

    With edges f_0 … f_{n+1} evenly spaced in mel, band i rises from f_i to f_{i+1} and falls to
    f_{i+2}, and is scaled by 2 / (f_{i+2} − f_i).

    Returns
    -------
    array, shape (n_mels, n_fft // 2 + 1)
    """
    edges = hz_of_mel(np.linspace(mel_of_hz(low), mel_of_hz(high), n_mels + 2))
    bins = np.arange(n_fft // 2 + 1) * (rate / n_fft)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    height = 2 / (edges[2:] - edges[:-2])
    return np.maximum(0, np.minimum(rising, falling)) * height[:, None]


def mel_centres(n_mels: int, low: float, high: float) -> np.ndarray:
    """The frequency at the peak of each band, in hertz."""
    return hz_of_mel(np.linspace(mel_of_hz(low), mel_of_hz(high), n_mels + 2))[1:-1]


def power_spectra(samples: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """|DFT|² of windows under a periodic Hann window w_j = ½ − ½ cos(2πj / n_fft).

    Parameters
    ----------
    samples : array, shape (n_samples,)
    n_fft, hop : int
        Length of a window, and distance between beginnings, in samples.

    Returns
    -------
    array, shape (n_frames, n_fft // 2 + 1)
        Frame i is of samples hop·i … hop·i + n_fft − 1; n_frames = ⌊(n − n_fft) / hop⌋ + 1.
    """
    n = max(0, (len(samples) - n_fft) // hop + 1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    out = np.empty((n, n_fft // 2 + 1))
    # In blocks, since frames overlap and would take many times the room of the sound.
    block = max(1, 2**22 // n_fft)
    for start in range(0, n, block):
        stop = min(n, start + block)
        piece = samples[start * hop : (stop - 1) * hop + n_fft]
        frames = np.lib.stride_tricks.sliding_window_view(piece, n_fft)[::hop]
        spectra = np.fft.rfft(frames * window, axis=1)
        out[start:stop] = spectra.real**2 + spectra.imag**2
    return out


def envelope(samples: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The mean of |x + i·H(x)| between edges, H the Hilbert transform over all samples.

    Parameters
    ----------
    samples : array, shape (n_samples,)
    edges : array of int, shape (n_bins + 1,)
        Rising; bin i is of samples edges[i] … edges[i + 1] − 1.

    Returns
    -------
    array, shape (n_bins,)
    """
    n = len(samples)
    spectrum = np.fft.fft(samples)
    # Negative frequencies go, positive ones count twice; those at 0 and n/2 are their own mirror.
    spectrum[1 : (n + 1) // 2] *= 2
    spectrum[n // 2 + 1 :] = 0
    size = np.abs(np.fft.ifft(spectrum))
    sums = np.add.reduceat(size[: edges[-1]], edges[:-1])
    return sums / np.diff(edges)
