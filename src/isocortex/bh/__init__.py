"""The Brain Hierarchy score: from accuracies to the score, and from files to accuracies."""
