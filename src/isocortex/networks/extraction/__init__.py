"""What an extraction does, keeps and costs: the plan, pooling, and where outputs go."""
