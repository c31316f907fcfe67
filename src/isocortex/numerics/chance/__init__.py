"""What chance alone would give: exchanges, p-values, clusters, many tests at once."""
