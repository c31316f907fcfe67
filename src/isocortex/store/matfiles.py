"""The old place of the reader of MATLAB's files, which stands in ``formats`` now."""

from isocortex.deprecated import moved

__getattr__ = moved(__name__, "isocortex.formats.mat.files")
