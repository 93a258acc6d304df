"""FastAPI: thin. One folder a feature; queries live in studium."""
