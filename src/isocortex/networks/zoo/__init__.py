"""Where named networks come from: one file for each library, and one for the package's own."""
