"""What stimuli are made of: images, text, audio or video, one file for each."""
