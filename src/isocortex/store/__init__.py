"""Nouns to disk and back."""
