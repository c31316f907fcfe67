"""``net2brain.rdm``."""

from isocortex.compat.net2brain.rdm.dist_utils import (
    dist,
    standardize,
    to_condensed,
    to_distance_matrix,
    valid_distance_functions,
)

__all__ = [
    "dist",
    "standardize",
    "to_condensed",
    "to_distance_matrix",
    "valid_distance_functions",
]
