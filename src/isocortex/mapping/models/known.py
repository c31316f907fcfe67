"""The models of the package, each with ``prepare``."""

from isocortex.mapping.models.banded import BandedRidge
from isocortex.mapping.models.linear import OLS, PCR, PLS
from isocortex.mapping.models.ridge import Ridge
from isocortex.mapping.models.selective import SelectiveRidge
from isocortex.mapping.models.stacked import Stacked
from isocortex.mapping.models.univariate import Univariate

MODELS: tuple[type, ...] = (OLS, PCR, PLS, Ridge, BandedRidge, Stacked, Univariate, SelectiveRidge)
"""To add a model: its entry here. What ``save`` keeps, and what the tests go through, follow."""
