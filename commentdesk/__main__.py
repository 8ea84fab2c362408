"""`python -m commentdesk`."""

import sys

from commentdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
