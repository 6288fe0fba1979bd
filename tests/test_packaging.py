"""The wheel and the image hold what they must and nothing that would hurt, and the locks name no index."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import monitor
from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
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


def test_the_wheel_alone_takes_a_list_from_file_to_record(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path / "installed")
    content = ROOT / "tests" / "feeds" / "fixtures" / "ofac_sdn" / "list.xml"
    environment = os.environ | {
        "PYTHONPATH": str(tmp_path / "installed"),  # before the checkout, which is installed too
        "SANCTIONS_MONITOR__FEEDS__OFAC_SDN__GUARD__MIN_RECORDS": "1",
    }

    def command(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert str(tmp_path / "installed") in command("-c", "import feeds; print(feeds.__file__)")
    assert "Baseline of the SDN list" in command(
        "-m", "monitor", "ingest", "ofac-sdn", str(content)
    )
    assert "hash" in command("-m", "monitor", "verify")


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


def test_the_image_is_built_from_python_alone_and_runs_as_a_numbered_user() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.13-slim"}
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_the_image_is_built_from_what_the_context_holds_and_the_context_holds_nothing_more() -> (
    None
):
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    everything, *exceptions = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith(("#", "**/"))
    ]

    assert everything == "*"
    assert sorted(exceptions) == sorted(f"!/{name}" for names in copied for name in names.split())
    assert [name for name in exceptions if not (ROOT / name[2:]).exists()] == []


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check_asks_the_port_that_is_listened_on_and_no_proxy(
    status: int | None, code: int
) -> None:
    (check,) = re.findall(r"^    CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    python, *arguments = json.loads(check)

    with answering(status) as port:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=os.environ
            | {
                "SANCTIONS_MONITOR__LISTEN": f"0.0.0.0:{port}",
                "http_proxy": "http://127.0.0.1:9",  # answers nobody
                "no_proxy": "",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    assert python == "python"
    assert done.returncode == code, done.stderr
    assert "File" not in done.stderr  # what the engine shows of it is one line


@contextmanager
def answering(status: int | None) -> Iterator[int]:
    """The port of a service whose ``/healthz`` answers so; None: of nobody."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if status and self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        port = server.server_port
        if status is not None:
            Thread(target=server.serve_forever, daemon=True).start()
        else:
            server.server_close()
        yield port
        if status is not None:
            server.shutdown()


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
