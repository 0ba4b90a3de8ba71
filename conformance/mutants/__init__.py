"""Mutants: the reference runtime, broken in one way each. A check that no mutant makes fail has never been seen to fail.

Each is a function that changes the runtime in its own process before it runs: by hand what it does around the plan,
and by transforming the plan what it does to the system.
"""
