from .counts import word_length as word_length
from .counts import word_rate as word_rate
from .embeddings import embedding as embedding
from .frequencies import log_frequency as log_frequency
from .prediction import surprisal as surprisal
from .texts import tf_idf as tf_idf
