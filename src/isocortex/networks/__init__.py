"""The only room with torch: networks, their layers, and what they do with stimuli."""
