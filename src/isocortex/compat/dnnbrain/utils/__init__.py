"""Figures and small services under their old names."""
