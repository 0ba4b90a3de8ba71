"""Lanes: other surroundings on this machine, in which other needs are met. Nothing of them outlives the run."""
