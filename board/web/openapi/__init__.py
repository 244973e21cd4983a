"""What the API is like, for machines: OpenAPI 3.1, made from the models and parameters that the routes use."""
