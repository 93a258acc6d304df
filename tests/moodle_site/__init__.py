"""A Moodle to test against: it answers, over real HTTP, what a real Moodle 4.5.6 answered, and nothing else."""
