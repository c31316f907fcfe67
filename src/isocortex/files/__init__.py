"""Any noun to a file and back, and the one list of the formats that are read."""
