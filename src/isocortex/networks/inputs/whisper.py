"""What Whisper takes: the log-mel spectrogram of 30 seconds."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from isocortex.errors import InputError
from isocortex.numerics.signal.sound import mel_filters, power_spectra


@dataclass(frozen=True)
class WhisperPreprocessing:
    """Log-mel spectrogram of sound that is padded to 30 s with silence.

    Windows of 25 ms every 10 ms, around their centres (the ends are mirrored), mel bands from
    0 to 8000 Hz; log10 of at least 1e-10 and at most 8 below the largest, then (x + 4) / 4.

    Parameters
    ----------
    n_mels : int, default=80
    seconds : float, default=30
        What the encoder has positions for.
    """

    n_mels: int = 80
    seconds: float = 30.0
    modality: ClassVar[str] = "audio"
    rate: ClassVar[int] = 16000
    n_fft: ClassVar[int] = 400
    hop: ClassVar[int] = 160

    @property
    def most_samples(self) -> int:
        """How long a sound can be; shorter ones are padded."""
        return round(self.seconds * self.rate)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(mel bands, frames of 10 ms)."""
        return (self.n_mels, self.most_samples // self.hop)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """float32 (n_mels, n_frames) of samples (n_samples,).

        Raises
        ------
        InputError
            If they are longer than what the encoder has positions for.
        """
        if len(samples) > self.most_samples:
            raise InputError(
                f"Whisper takes {self.seconds:g} s of sound at most, and a stimulus has "
                f"{len(samples) / self.rate:.4g} s: cut it, Stimuli.from_audio(..., "
                f"window={self.seconds:g}, hop={self.seconds:g})."
            )
        padded = np.pad(np.asarray(samples, np.float64), (0, self.most_samples - len(samples)))
        padded = np.pad(padded, self.n_fft // 2, mode="reflect")
        power = power_spectra(padded, self.n_fft, self.hop)[:-1]
        bands = power @ mel_filters(self.rate, self.n_fft, self.n_mels, 0.0, 8000.0).T
        found = np.log10(np.maximum(bands, 1e-10)).T
        found = np.maximum(found, found.max() - 8)
        return ((found + 4) / 4).astype(np.float32)
