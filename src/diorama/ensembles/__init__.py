"""Ensembles: many simple models that together know more than the best of them."""

__all__: list[str] = []
