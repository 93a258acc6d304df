"""The pages: each answers one question a person asks, from what the API says. No rule is computed here."""
