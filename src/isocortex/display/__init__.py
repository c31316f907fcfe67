"""How a noun looks in a notebook: from a short description to HTML and a small picture."""
