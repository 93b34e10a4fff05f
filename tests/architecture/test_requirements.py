from scripts import requirements


def test_every_mark_names_a_row_that_exists() -> None:
    known = {row["id"] for row in requirements.rows()}
    assert {row: tests for row, tests in requirements.marks().items() if row not in known} == {}


def test_the_table_is_whole() -> None:
    table = requirements.rows()
    assert (len(table), len({row["id"] for row in table})) == (202, 202)
