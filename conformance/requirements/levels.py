"""The levels of requirements, apart from the register, so that a command line can name them and load little."""

from __future__ import annotations

LEVELS = ("MUST", "IMPLIED", "SHOULD", "MAY")
"""The RFC 2119 levels that a requirement may have, strongest first; IMPLIED where the text defines behaviour without
a keyword."""

BINDING = ("MUST", "IMPLIED")
"""The levels at which a runtime that does otherwise is not conformant."""
