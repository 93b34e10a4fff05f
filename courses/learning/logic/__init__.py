"""The pure part of studying. No Django."""
