"""One number for how alike, how well predicted or how reliable something is."""
