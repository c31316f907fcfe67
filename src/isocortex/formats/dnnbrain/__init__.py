"""The files of DNNBrain: .stim.csv, .act.h5, .rdm.h5, .dmask.csv and .roi.h5, in and out."""
