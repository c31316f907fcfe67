"""The console commands, each thin over a verb; single-dash flags as they were."""
