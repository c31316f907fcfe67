"""Distances and discriminants between all pairs of conditions, from single trials."""
