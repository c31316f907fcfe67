"""Mean and standard deviation of columns, by which the original standardizes both sides."""

from dataclasses import dataclass

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.numerics.arrays.constant import is_rounding


@dataclass(frozen=True, eq=False)
class Scale:
    """Mean and standard deviation (n - 1) of each column; of a constant or missing one, 1."""

    mean: np.ndarray
    norm: np.ndarray
    varies: np.ndarray
    """Which columns vary and are finite."""

    @classmethod
    def of_columns(cls, x: Array) -> "Scale":
        """From the columns of a matrix, read in blocks, rounded to float32 as the files are."""
        parts = [_moments(as_numpy(block)) for _, block in column_blocks(x)]
        mean, norm, varies = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(mean, np.where(varies, norm, 1).astype(np.float32), varies)

    def apply(self, x: np.ndarray, columns: slice = slice(None)) -> np.ndarray:
        """Standardized as float32; constant columns become 0."""
        scaled = (x - self.mean[columns]) / self.norm[columns]
        scaled[:, ~self.varies[columns]] = 0.0
        return scaled.astype(np.float32)

    def undo(self, x: np.ndarray) -> np.ndarray:
        """Back to the unit of measurement."""
        return x * self.norm + self.mean


def _moments(block: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    block = block.astype(np.float64)
    finite = np.isfinite(block).all(0)
    block = np.where(finite, block, 0.0)
    mean = block.mean(0)
    norm = block.std(0, ddof=1)
    size = np.abs(block).max(0, initial=0.0)
    varies = finite & ~is_rounding(norm, size)
    return mean.astype(np.float32), norm.astype(np.float32), varies
