"""From scores to estimates: what may be concluded."""
