"""``net2brain.rdm``."""

# The module of the same name comes first, so that ``net2brain.rdm.dist`` is the function, as there.
from isocortex.compat.net2brain.rdm.dist import (
    correlation,
    cosine,
    euclidean,
    manhattan,
    pearson,
)
from isocortex.compat.net2brain.rdm.dist_utils import (
    dist,
    register_distance_function,
    standardize,
    to_condensed,
    to_distance_matrix,
    valid_distance_functions,
)
from isocortex.compat.net2brain.rdm.rdm import LayerRDM

__all__ = [
    "LayerRDM",
    "correlation",
    "cosine",
    "dist",
    "euclidean",
    "manhattan",
    "pearson",
    "register_distance_function",
    "standardize",
    "to_condensed",
    "to_distance_matrix",
    "valid_distance_functions",
]
