"""What editors lay down: words, hosts, patterns, bans, policies, switches, reasons, rehearsals."""
