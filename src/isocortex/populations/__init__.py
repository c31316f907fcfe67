"""What populations of units do: tuning, simulation, and embedding in a plane."""
