"""All the Beam, and only Beam."""
