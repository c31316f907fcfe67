"""``python -m isocortex`` is the command ``isocortex``."""

import sys

from isocortex.cli import main

if __name__ == "__main__":
    sys.exit(main())
