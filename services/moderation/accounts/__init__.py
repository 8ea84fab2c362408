"""Who may come in, and how: accounts, passwords, second factors, OpenID, sessions."""
