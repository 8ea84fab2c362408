"""How much a text looks like an advertisement: a model that ships, and what a site has learned."""
