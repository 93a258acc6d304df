"""What one knows, and what to do next."""
