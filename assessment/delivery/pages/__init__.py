"""What the pages of sittings show, as frozen dataclasses; all SQL is done here."""
