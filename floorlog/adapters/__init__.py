"""Adapters: the thin shells between the core and files, databases, brokers and models."""
