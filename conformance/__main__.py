"""`python -m conformance`: the command `oci-conform`, for whoever has the interpreter and not the script."""

import sys

from conformance.cli import main

sys.exit(main())
