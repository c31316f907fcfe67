"""The nouns: frozen, checked once, when they are made. Rows carry the names of stimuli."""
