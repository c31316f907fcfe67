from .curves import layers as layers
from .matrices import rdm as rdm
from .scatter import mds as mds
