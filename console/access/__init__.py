"""Who may do what at a station: roles, accounts, sessions, and the ways to it."""
