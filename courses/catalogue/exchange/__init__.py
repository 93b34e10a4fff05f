"""Lessons as files: one folder of Markdown and YAML, out and in again."""
