"""One reader for each format of recordings."""
