"""``python -m sfu`` is the command ``sfu``."""

import sys

from sfu.server.cli import main

sys.exit(main())
