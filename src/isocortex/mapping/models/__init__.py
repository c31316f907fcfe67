"""Models: each says what it needs of the features, and how it is made ready for one fold."""
