from .bars import accuracy as accuracy
from .brains import brain as brain
from .brains import glass as glass
from .brains import surface as surface
from .curves import layers as layers
from .matrices import rdm as rdm
from .scatter import mds as mds
