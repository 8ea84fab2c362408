"""Intake: takes the reader's form, answers 202 once it is safe in the ledger."""
