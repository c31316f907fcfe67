"""Whether models explain brains, for other people and other stimuli: samples, tests, fits."""
