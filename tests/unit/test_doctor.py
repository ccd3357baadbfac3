"""The doctor tells what is missing, and how to get it."""

from __future__ import annotations

import socket
from pathlib import Path

from floorlog.services import doctor
from floorlog.services.doctor import Check


def test_a_python_that_the_project_does_not_allow_is_refused() -> None:
    """It may import and fail late: the doctor must say so first."""
    assert doctor.python((3, 11, 2)).ok
    assert doctor.python((3, 13, 0)).ok
    assert not doctor.python((3, 10, 14)).ok
    assert not doctor.python((3, 14, 0)).ok


def test_a_missing_package_is_named() -> None:
    """A bare count would leave the operator searching."""
    check = doctor.packages(
        ["pytest>=8", "no-such-distribution[x]>=1; python_version > '3'", 'other==1; extra == "dev"']
    )
    assert not check.ok
    assert check.found == "1 of 2; missing: no-such-distribution"


def test_a_distribution_that_is_not_installed_is_not_complete() -> None:
    """Without metadata there are no requirements to miss: that must not pass for all of them."""
    assert not doctor.packages([]).ok


def test_a_voice_model_of_other_bytes_is_refused(tmp_path: Path) -> None:
    """A file cut short by a bad download still loads now and then; only its checksum tells."""
    model = tmp_path / "voice.onnx"
    assert doctor.voice(model, "0" * 64).found == "no voice.onnx"
    model.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert doctor.voice(model, empty).ok
    model.write_bytes(b"x")
    check = doctor.voice(model, empty)
    assert not check.ok
    assert "expected e3b0c44298fc" in check.found


def test_the_voice_model_of_the_repository_is_whole() -> None:
    """Every attribution rests on it."""
    assert doctor.voice().ok


def test_a_recogniser_that_is_no_model_says_why(tmp_path: Path) -> None:
    """The remedy comes from where the model is looked for, so that both tell the same."""
    check = doctor.recogniser(str(tmp_path))
    assert not check.ok
    assert "model.bin" in check.remedy


def test_a_model_of_the_hub_is_not_fetched_by_looking() -> None:
    """A look must end in a second, and without a network."""
    check = doctor.recogniser("large-v3-turbo")
    assert check.ok
    assert "when it is first needed" in check.found


def test_a_data_folder_that_is_not_there_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    """The first run makes it."""
    assert doctor.data_folder(tmp_path / "new" / "deeper").ok
    assert not doctor.data_folder(Path("/proc/floorlog")).ok
    assert not (tmp_path / "new").exists()


def test_too_little_room_is_told_in_gib(tmp_path: Path) -> None:
    """A full disk in the middle of a meeting loses audio."""
    check = doctor.disk_space(tmp_path, wanted_bytes=2**60)
    assert not check.ok
    assert "1073741824.0 wanted" in check.found
    assert doctor.disk_space(tmp_path, wanted_bytes=1).ok


def test_a_port_in_use_is_told() -> None:
    """Pages that cannot be served are noticed before the meeting begins."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert not doctor.port("127.0.0.1", number).ok
    assert doctor.port("127.0.0.1", number).ok


def test_programs_for_tests_are_not_required() -> None:
    """An operator's machine needs no browser and no database server."""
    missing = doctor.program("node", ("no-such-program",), "apt-get install nodejs", "the page")
    assert missing == Check("node", False, False, "not found; for the page", "apt-get install nodejs")
    assert doctor.program("shell", ("no-such-program", "sh"), "", "").ok


def test_the_emulator_is_found_in_a_cloud_sdk(tmp_path: Path) -> None:
    """Its absence names the jar, so that an operator knows what to look for."""
    absent = doctor.emulator({}, folders=())
    if not absent.ok:
        assert "cloud-pubsub-emulator-*-all.jar" in absent.found
    jar = tmp_path / "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()
    assert doctor.emulator({}, folders=(str(tmp_path),)).found == str(jar)
    assert doctor.emulator({"PUBSUB_EMULATOR_HOST": "127.0.0.1:8085"}).found == "PUBSUB_EMULATOR_HOST=127.0.0.1:8085"
