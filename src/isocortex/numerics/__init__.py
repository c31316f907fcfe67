"""Arrays in, arrays out: no label, no file, no print."""
