"""A study written down once: its file, its plan, its tasks and its table."""
