from .counts import word_length as word_length
from .counts import word_rate as word_rate
from .frequencies import log_frequency as log_frequency
