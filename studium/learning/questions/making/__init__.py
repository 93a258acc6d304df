"""Questions made of a course's material by rule. A module for each kind of fact; in doubt it refuses."""
