"""Measure a log of the floor against the truth."""
