"""How a class studies, in figures: progress, drop-off, time against plan, deadlines; for those who look after it."""
