"""The desk: list and search, cards, decisions, campaigns, second looks; and the same as JSON."""
