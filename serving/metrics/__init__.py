"""For Prometheus."""
