"""The mine: what minions tell of themselves, kept by the master, for other minions to read."""
