"""The reference runtime: the OCI Runtime Specification as a list of steps.

    config -> plan -> steps

``config`` reads and validates a bundle, ``plan`` turns it into an ordered list of steps without touching
the system, and ``lifecycle`` has ``execution`` perform them.

Every operation is a process of its own, so start-up time matters more here than anywhere else in the
repository: these modules import little, and what only some containers need is imported where it is used.
"""

__version__ = "0.1.0"
