"""Statements of study for other systems: xAPI 1.0.3, read only, pseudonymous."""
