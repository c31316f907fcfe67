"""Networks: stimuli, activations, masks, RDMs and probes."""
