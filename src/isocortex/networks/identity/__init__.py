"""What a network, a function or a setting is: hashes that stay the same in every process."""
