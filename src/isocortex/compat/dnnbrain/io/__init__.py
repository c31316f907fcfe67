"""File formats under their old names."""
