"""What import-linter cannot see: relations between tables, names in strings, doors."""

import ast
from importlib import import_module

import grimp
import pytest
from django.apps import apps
from django.conf import settings

from lms.core import jobs
from lms.core.jobs import registry
from tests.architecture.house import PACKAGES, STREETS, python_files, short, tree

DOMAINS = ("lms.accounts", "lms.portal", "courses", "assessment", "media_pipeline")
# lms.core is entered by its modules. A room's types are words: pure files may use them, where the api would bring Django.
DOORS = {"api", "apps", "types", "urls"}


def test_no_table_points_at_an_upper_one() -> None:
    """And the ground floor's tables point at nobody's: they name people and objects by uuid."""
    rank = {label: place for place, label in enumerate(STREETS)}
    upward = []
    for model in apps.get_models(include_auto_created=True):
        here = model._meta.app_label
        if here not in rank:
            continue
        for field in model._meta.get_fields():
            target = field.related_model
            if not field.concrete or not isinstance(target, type) or target._meta.app_label == here:
                continue
            there = target._meta.app_label
            if here == "core" or rank.get(there, -1) > rank[here]:
                upward.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert upward == []


def test_every_job_kind_named_in_code_is_registered_on_a_cluster_that_exists() -> None:
    named = {
        node.args[0].value: f"{short(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "enqueue"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    known = {kind.name: kind.cluster for kind in registry.kinds()}
    assert {name: place for name, place in named.items() if name not in known} == {}
    clusters = {settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]}
    assert {name: cluster for name, cluster in known.items() if cluster not in clusters} == {}
    assert jobs.enqueue.__module__.startswith("lms.core.jobs")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_a_package_is_entered_by_its_door(graph: grimp.ImportGraph) -> None:
    def domain(module: str) -> str | None:
        return next((name for name in DOMAINS if module == name or module.startswith(f"{name}.")), None)

    inside = []
    for importer in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            there = domain(imported)
            if there is None or there == domain(importer) or "migrations" in importer or importer == "lms.urls":
                continue
            if imported.rsplit(".", 1)[-1] not in DOORS:
                inside.append(f"{importer} → {imported}")
    assert inside == []


def test_dotted_names_in_settings_lead_somewhere() -> None:
    names = [
        *settings.MIDDLEWARE,
        *settings.AUTHENTICATION_BACKENDS,
        *settings.PASSWORD_HASHERS,
        *settings.FILE_UPLOAD_HANDLERS,
        *settings.TEMPLATES[0]["OPTIONS"]["context_processors"],
        settings.CSRF_FAILURE_VIEW,
        settings.FORM_RENDERER,
        settings.TASKS["default"]["BACKEND"],
    ]
    lost = [name for name in names if not hasattr(import_module(name.rsplit(".", 1)[0]), name.rsplit(".", 1)[1])]
    assert lost == []
