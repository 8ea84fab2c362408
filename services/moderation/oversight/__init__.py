"""What is watched and counted: the audit, the books, how long comments wait, statistics."""
