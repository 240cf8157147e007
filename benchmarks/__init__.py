"""Ours beside the peers: `make bench`."""
