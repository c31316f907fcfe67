"""Networks that read text: tokens, windows of context, and passes over them."""
