"""Neighbourhoods of units in space, and the analyses that are done in each of them."""
