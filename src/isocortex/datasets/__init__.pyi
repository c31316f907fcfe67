from .folders import fetch as fetch
from .loaders import Images92 as Images92
from .loaders import images92 as images92
from .registry import DATASETS as DATASETS
from .registry import Dataset as Dataset
from .weights import local_weights as local_weights
