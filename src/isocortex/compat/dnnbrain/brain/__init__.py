"""Brain images and regions, and models between them and networks."""
