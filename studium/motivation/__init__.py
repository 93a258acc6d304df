"""What keeps people going: so far, the choice to be on a leaderboard under a name that is not one's own."""
