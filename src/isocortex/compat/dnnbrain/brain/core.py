"""``dnnbrain.brain.core``: the classes that scripts import from there."""

from isocortex.compat.dnnbrain.brain.models import BrainDecoder as BrainDecoder
from isocortex.compat.dnnbrain.brain.models import BrainEncoder as BrainEncoder
from isocortex.compat.dnnbrain.brain.roi import ROI as ROI
