"""Facets of the API client, one a feature: what `studium.client.Client` hands out, in its words and with its errors."""
