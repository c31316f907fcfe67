"""Stimuli made from parameters: gratings, Gabors, dots, textures, shapes."""
