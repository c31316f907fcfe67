"""Timed words of a text that is read aloud: from files of alignments and tables to one table."""
