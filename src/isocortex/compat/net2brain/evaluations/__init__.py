"""``net2brain.evaluations``."""
