"""``dnnbrain.dnn.core``: the classes that scripts import from there."""

from isocortex.compat.dnnbrain.dnn.activation import Activation as Activation
from isocortex.compat.dnnbrain.dnn.mask import Mask as Mask
from isocortex.compat.dnnbrain.dnn.probe import DnnProbe as DnnProbe
from isocortex.compat.dnnbrain.dnn.rdm import RDM as RDM
from isocortex.compat.dnnbrain.dnn.stimulus import Stimulus as Stimulus
