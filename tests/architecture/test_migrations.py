from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.architecture.house import STREETS

pytestmark = pytest.mark.django_db


def test_none_is_missing() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(out.getvalue())


def test_each_app_has_one_leaf_and_every_step_goes_back() -> None:
    loader = MigrationLoader(connection)
    own = {key: migration for key, migration in loader.disk_migrations.items() if key[0] in STREETS}
    with_tables = {
        config.label for config in apps.get_app_configs() if config.label in STREETS and list(config.get_models())
    }
    assert {label: len(loader.graph.leaf_nodes(label)) for label in with_tables} == dict.fromkeys(with_tables, 1)
    one_way = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in own.items()
        for operation in migration.operations
        if not operation.reversible
    ]
    assert one_way == []
