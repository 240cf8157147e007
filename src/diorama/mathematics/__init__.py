"""Calculus, linear algebra, probability and statistics: functions that return numbers, and show how they found them."""

__all__: list[str] = []
