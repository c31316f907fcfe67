"""From stimuli to the batches that a network takes."""
