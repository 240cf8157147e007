"""Naive Bayes: every feature gives its evidence for each class as if it knew nothing of the others."""

from diorama.bayes.bernoulli_nb import BernoulliNB
from diorama.bayes.gaussian_nb import GaussianNB
from diorama.bayes.multinomial_nb import MultinomialNB

__all__ = ["BernoulliNB", "GaussianNB", "MultinomialNB"]
