"""Files of the Kamitani laboratory: one array in each MAT file."""
