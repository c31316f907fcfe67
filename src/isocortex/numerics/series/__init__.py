"""Series in time: from words and frames to volumes, delays within runs, responses of the blood."""
