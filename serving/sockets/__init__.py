"""What every socket of the API shares: who comes in, who is woken by what, and how long one may stay."""
