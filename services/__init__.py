"""The HTTP services; none of them imports another."""
