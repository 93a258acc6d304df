"""PostgreSQL: where it runs (`embedded`), who speaks to it (`pool`), and its shape (`migrations`)."""
