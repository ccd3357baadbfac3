"""Settings: flag over environment over file over default, each read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from floorlog.config import SETTINGS, Settings
from floorlog.errors import InvalidSetting


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path) -> None:
    """An operator must be able to tell which value counts without reading code."""
    file = tmp_path / "floorlog.toml"
    file.write_text("beam_size = 3\nbatch = 4\nport = 9000\n")
    environ = {"FLOORLOG_CONFIG": str(file), "FLOORLOG_BATCH": "5", "FLOORLOG_PORT": "9001"}
    settings = Settings.load({"port": 9002, "host": None}, environ)
    assert (settings.beam_size, settings.batch, settings.port, settings.host) == (3, 5, 9002, "127.0.0.1")


def test_locations_lie_in_the_data_folder_by_default(tmp_path: Path) -> None:
    """One folder to keep, to move and to remove."""
    settings = Settings.load({"data_dir": tmp_path}, {})
    assert settings.database_url == f"sqlite:///{tmp_path}/floorlog.db"
    assert settings.objects_url == f"{tmp_path}/objects"


@pytest.mark.parametrize(("name", "value"), [("FLOORLOG_PORT", "eighty"), ("FLOORLOG_BATCH", "0")])
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    """The error must say which setting, which value, and what was expected."""
    with pytest.raises(InvalidSetting, match=value):
        Settings.load({}, {name: value})


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    """A misspelt setting that is silently ignored costs a night."""
    file = tmp_path / "floorlog.toml"
    file.write_text("beamsize = 3\n")
    with pytest.raises(InvalidSetting, match="beamsize"):
        Settings.load({}, {"FLOORLOG_CONFIG": str(file)})


def test_the_environment_of_a_child_gives_the_same_settings(tmp_path: Path) -> None:
    """The supervisor's children must run with what the supervisor was told."""
    settings = Settings.load({"data_dir": tmp_path, "beam_size": 1}, {})
    assert Settings.load({}, settings.environment()) == settings
    assert len({setting.env for setting in SETTINGS}) == len(SETTINGS)
