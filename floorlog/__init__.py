"""Keep the log of the floor of a United Nations meeting: who spoke, for whom, when, and in which words."""

__version__ = "0.1.0"
