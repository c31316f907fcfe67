"""The verb ``train``: its tasks, its setup, its state on disk and its report."""
