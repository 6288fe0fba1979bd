"""The wheel holds what it must and nothing that would hurt, and the locks name no index."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

import monitor
from tests.conftest import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bootstrap.lock")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_two_packages_and_nothing_else_at_the_top(
    wheel: zipfile.ZipFile,
) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"monitor", "feeds"}


def test_the_wheel_holds_the_migrations_where_the_store_looks_for_them(
    wheel: zipfile.ZipFile,
) -> None:
    names = wheel.namelist()

    assert "monitor/store/migrations/env.py" in names
    assert "monitor/store/migrations/script.py.mako" in names
    revisions = {path.name for path in (ROOT / "alembic" / "versions").glob("*.py")}
    shipped = {
        Path(name).name for name in names if name.startswith("monitor/store/migrations/versions/")
    }
    assert revisions
    assert revisions <= shipped


def test_the_wheel_holds_every_file_of_the_packages_data_included(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "monitor", "feeds"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert set(tracked) - set(wheel.namelist()) == set()


def test_the_wheel_states_the_version_the_license_and_the_command(wheel: zipfile.ZipFile) -> None:
    (metadata_name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = BytesParser().parsebytes(wheel.read(metadata_name))
    commands = wheel.read(metadata_name.replace("METADATA", "entry_points.txt")).decode()

    assert metadata["Name"] == "sanctions-monitor"
    assert metadata["Version"] == monitor.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "sanctions-monitor = monitor.cli.main:main" in commands


def test_the_installed_command_is_the_one_of_this_checkout() -> None:
    assert (Path(sys.executable).parent / "sanctions-monitor").is_file(), "run make setup"
    assert importlib.metadata.version("sanctions-monitor") == monitor.__version__


def test_the_folder_of_migrations_is_no_package_that_would_hide_the_library() -> None:
    assert (ROOT / "alembic" / "env.py").is_file()
    assert list((ROOT / "alembic").rglob("__init__.py")) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = re.split(r"\n(?=\S)", text.strip())

    assert "://" not in text
    assert "--index-url" not in text
    assert [package for package in packages if not re.match(r"[\w.-]+==\S+", package)] == []
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_lock_for_development_holds_the_runtime_lock_exactly() -> None:
    runtime, development = (pinned(ROOT / lock) for lock in LOCKS[:2])

    assert runtime.items() <= development.items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"]
    development = project["dependency-groups"]["dev"]

    assert distribution_names(runtime) <= pinned(ROOT / "requirements.lock").keys()
    assert distribution_names(development) <= pinned(ROOT / "requirements-dev.lock").keys()


def test_every_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = distribution_names(project["project"]["dependencies"])
    distributions = importlib.metadata.packages_distributions()

    undeclared = {
        f"{path.relative_to(ROOT)}: {package}"
        for room in ("monitor", "feeds", "alembic")
        for path in (ROOT / room).rglob("*.py")
        for package in imported_packages(path) - {"monitor", "feeds"} - sys.stdlib_module_names
        if not declared.intersection(name.lower() for name in distributions.get(package, []))
    }

    assert undeclared == set()


def test_no_lock_that_names_a_registry_is_tracked() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "uv.lock"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert tracked == ""


def imported_packages(path: Path) -> set[str]:
    imports = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    names += [
        node.module or "" for node in imports if isinstance(node, ast.ImportFrom) if not node.level
    ]
    return {name.split(".")[0] for name in names}


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), flags=re.MULTILINE))


def distribution_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}
