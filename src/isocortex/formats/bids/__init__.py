"""Studies in the Brain Imaging Data Structure, with what fMRIPrep has made of them."""
