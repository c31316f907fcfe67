"""The files of other packages and of recordings: one reader for each format."""
