"""Which papers to cite: for the package, and for the methods that a result names."""
