"""The old names of other packages over our verbs, so that their scripts run."""
