"""The rules of the house: pure functions and values on the standard library alone."""
