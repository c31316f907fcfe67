"""The same small analysis in many neighbourhoods at once, in blocks of equal size."""
