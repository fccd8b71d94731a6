"""``python -m fmtool`` is ``fmtool``."""

import sys

from fmtool.cli import main

sys.exit(main())
