"""Samples of stimuli and people as weights, and what is fitted in them."""
