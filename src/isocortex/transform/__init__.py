"""What maps nothing: fewer or other numbers for the same stimuli and trials."""
