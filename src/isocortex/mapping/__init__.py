"""Encoding, decoding and probing: one cross-validation loop and the planner of its road."""
