"""Encoding, decoding and probing: one cross-validation loop and the choice of its solver."""
