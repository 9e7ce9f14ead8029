"""Where things are kept."""

import pwd
from pathlib import Path

import pytest

from localm.store.paths import locate


def test_with_a_home_of_its_own_everything_lies_together(tmp_path: Path) -> None:
    paths = locate(str(tmp_path))
    kept = (paths.config_file, paths.data, paths.logs, paths.state, paths.notices)
    assert all(path == tmp_path or tmp_path in path.parents for path in kept)


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("here").config_file == tmp_path / "here" / "config.yaml"


def test_a_tilde_in_the_home_is_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate("~/l").data == tmp_path / "l"


def test_without_one_the_platform_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    paths = locate(None)
    assert all(tmp_path in path.parents for path in (paths.config_file, paths.data, paths.state))


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")

    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert not locate(None).state.parent.parent.exists()


def test_naming_paths_creates_nothing(tmp_path: Path) -> None:
    locate(str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
