"""Where jobs run: here one after the other, or on Dask."""
