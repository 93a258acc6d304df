"""Who a person is and how they prove it: accounts, passwords, sessions, tokens, invitations, the audit trail."""
