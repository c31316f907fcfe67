"""Linear models, from Gram matrices and principal axes."""
