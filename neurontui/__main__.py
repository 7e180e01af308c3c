"""`python -m neurontui`."""

import sys

from neurontui.cli import main

if __name__ == "__main__":
    sys.exit(main())
