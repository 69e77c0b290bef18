"""Weights of the masked transformers, and their card."""
