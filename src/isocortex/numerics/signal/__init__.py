"""Sound and film as arrays: spectra, envelopes and motion energy."""
