"""Chinese working days: an editable table a year with make-up days (调休), and exact arithmetic (domain 2.3).

`calendar()` reads the table; everything in `logic` is pure. A year without a table counts weekends only, and
`missing_years` names it.
"""
