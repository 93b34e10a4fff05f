"""Gates and reads of studying."""
