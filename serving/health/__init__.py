"""For whoever keeps the process alive."""
