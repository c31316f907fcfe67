"""``net2brain.preprocess``."""
