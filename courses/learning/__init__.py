"""Studying a class's lessons: progress, notes, questions, deadlines, the recommended path."""
