"""Tables of the law book."""
