"""Pictures: nouns and an axes in, the axes out; nothing is computed here."""
