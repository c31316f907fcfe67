"""Files of Net2Brain: features and RDMs."""
