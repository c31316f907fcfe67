"""Looking into networks: receptive fields, saliency, optimal and top stimuli, ablation."""

from . import regularizers as regularizers
