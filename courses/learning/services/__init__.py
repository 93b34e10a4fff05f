"""What changes in studying, by what it is about."""
