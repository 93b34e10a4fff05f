"""Django's PostgreSQL engine with a cheaper look at a kept connection; `DATABASES` names this package as its ENGINE."""
