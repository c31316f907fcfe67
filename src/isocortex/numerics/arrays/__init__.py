"""What the other rooms are built of: Gram matrices, ranks, moments, products without offsets."""
