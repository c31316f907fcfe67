"""A few forward passes find the layers, their axes, and whether rows belong to stimuli."""
