"""The package as strangers get it: built, installed into an empty environment, and asked."""

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("cli", "engine", "store", "tui")
COMPLETIONS = {
    "share/bash-completion/completions/llm.bash",
    "share/zsh/site-functions/_llm",
    "share/fish/vendor_completions.d/llm.fish",
}
SHIPPED = {
    "localm/py.typed",
    "localm/engine/builtin/builtin.gguf",
    "localm/engine/builtin/MODEL_CARD.md",
    "localm/engine/builtin/template.jinja",
    "localm/engine/builtin/mlx/config.json",
    "localm/engine/builtin/mlx/generation_config.json",
    "localm/engine/builtin/mlx/model.safetensors",
    "localm/engine/builtin/mlx/tokenizer.json",
    "localm/engine/builtin/mlx/tokenizer_config.json",
    "localm/engine/builtin/corpus/commands.yaml",
}
pytestmark = pytest.mark.timeout(600)


def _run(*command: str, **variables: str) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    _run(*pip, "install", "--quiet", str(wheel))
    return folder


def test_every_folder_with_source_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = {
        ".".join(("localm", *path.parent.relative_to(ROOT).parts))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {*settings["tool"]["setuptools"]["packages"]} == {"localm", *found}


def test_no_stray_module_lies_at_the_root() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_wheel_holds_model_and_completions(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= SHIPPED
    data = f"{wheel.name.removesuffix('-py3-none-any.whl')}.data/data/"
    assert names >= {data + path for path in COMPLETIONS}


def test_the_wheel_holds_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "tests" in name or "typings" in name]


def test_the_sdist_holds_all_that_the_tests_need(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    listed = _run("git", "-C", str(ROOT), "ls-files").split()
    wanted = {name for name in listed if not name.startswith(".")}
    assert wanted <= names


def test_the_environment_gains_one_package(installed: Path) -> None:
    [record] = installed.glob("lib/python*/site-packages/localm-*.dist-info/RECORD")
    paths = [line.split(",")[0] for line in record.read_text().splitlines()]
    inside = {path.split("/")[0] for path in paths if not path.startswith("..")}
    assert inside == {"localm", record.parent.name}


def test_the_environment_gains_completions(installed: Path) -> None:
    assert all((installed / path).is_file() for path in COMPLETIONS)


@pytest.mark.parametrize("name", ["llm", "localm"])
def test_both_names_run(installed: Path, name: str) -> None:
    assert _run(str(installed / "bin" / name), "--version").startswith("llm ")


def test_the_installed_program_answers(installed: Path, tmp_path: Path) -> None:
    answer = _run(
        str(installed / "bin" / "llm"),
        "ask",
        "--no-stdin",
        "who are you?",
        HOME=str(tmp_path),
        LOCALM_HOME=str(tmp_path / "localm"),
        PYTHONPATH="",
    )
    assert "built-in model" in answer


def test_a_module_in_the_users_folder_is_not_imported(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('the wrong json')")
    done = subprocess.run(
        [str(installed / "bin" / "llm"), "ask", "--no-stdin", "-m", "builtin", "hi"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
