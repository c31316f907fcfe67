"""The sources of named networks, in the order in which they are asked."""

from isocortex.networks.zoo.isocortex import OWN
from isocortex.networks.zoo.source import Source
from isocortex.networks.zoo.timm import TIMM
from isocortex.networks.zoo.torchvision import TORCHVISION

SOURCES: tuple[Source, ...] = (OWN, TORCHVISION, TIMM)
"""To add a source: its entry here. ``load_network`` and ``isocortex info`` ask this list."""
