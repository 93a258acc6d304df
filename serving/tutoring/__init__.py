"""What the tutor may cost, and how somebody wants to be taught."""
