"""Pages that show what came out, each one file that opens without a network."""
