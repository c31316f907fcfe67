"""The ways to make Stimuli, which are class methods of the noun: one file for each modality."""
