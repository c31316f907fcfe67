"""The file of a noun: a zip archive of one JSON document and plain npy arrays, sealed."""
