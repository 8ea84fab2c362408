"""The moderators' desk: a console of plain pages, and the same as a JSON API."""
