"""Weights put into networks and written out, without running anything of a file."""
