"""Cards that are proposed: made of material, accepted, edited, refused."""
