"""The workers: checks, publishing and upkeep."""
