"""Sound and film: files, pieces of them, and when each piece is heard or seen."""
