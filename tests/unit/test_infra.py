"""What is deployed agrees with the code: topics, settings, parameters, events, files."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import hcl2
import pytest
import typer
import yaml

from floorlog.cli import app
from floorlog.config import SETTINGS

ROOT = Path(__file__).parents[2]
TERRAFORM = sorted((ROOT / "infra/terraform").glob("*.tf"))
SOURCES = [path for folder in ("floorlog", "pipelines", "workers") for path in (ROOT / folder).rglob("*.py")]
DEFAULTS = {setting.field: setting.default for setting in SETTINGS}

OTHERS = {"DATABASE_URL_SECRET", "PUBSUB_EMULATOR_HOST"}
"""Variables that are no settings: one is read by the images' entry point, one by Google's client."""


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the Terraform resources of a kind, by their label."""
    found: dict[str, dict[str, Any]] = {}
    for path in TERRAFORM:
        for block in hcl2.loads(path.read_text(encoding="utf-8")).get("resource", []):
            for quoted, labelled in block.items():
                if quoted.strip('"') == kind:
                    found.update({label.strip('"'): body for label, body in labelled.items()})
    return found


def plain(value: Any) -> str:
    """Return a quoted HCL string without its quotes."""
    return str(value).strip('"')


def units() -> dict[str, str]:
    """Return what starts containers on the machine of capture and relay, by file."""
    machine = yaml.safe_load((ROOT / "infra/terraform/capture.cloud-init.yaml").read_text(encoding="utf-8"))
    return {file["path"]: file["content"] for file in machine["write_files"]}


def launcher() -> types.ModuleType:
    """Return the module that a Flex Template's launcher runs."""
    spec = importlib.util.spec_from_file_location("launch", ROOT / "infra/dataflow/launch.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", TERRAFORM, ids=lambda path: path.name)
def test_terraform_files_parse(path: Path) -> None:
    """Terraform does not run where tests run; a file that does not parse is found here all the same."""
    assert hcl2.loads(path.read_text(encoding="utf-8"))


def test_topics_of_the_code_and_of_terraform_are_the_same() -> None:
    """A topic under another name would be created nowhere, and publishing would fail at the first meeting."""
    deployed = {plain(topic["name"]) for topic in resources("google_pubsub_topic").values()}
    assert deployed == {DEFAULTS["topic"], DEFAULTS["replay_topic"], "records"}


def test_each_subscription_of_the_pipeline_is_deployed_on_its_own_topic() -> None:
    """The pipeline pulls from them by name; a live meeting must not queue behind a replay."""
    deployed = {
        plain(entry["name"]): plain(entry["topic"]) for entry in resources("google_pubsub_subscription").values()
    }
    assert deployed == {
        DEFAULTS["subscription"]: "${google_pubsub_topic.audio_segments.id}",
        DEFAULTS["replay_subscription"]: "${google_pubsub_topic.audio_segments_replay.id}",
    }


def test_no_subscription_expires() -> None:
    """Pub/Sub deletes one that nobody pulls from for a month, and with it the next meeting."""
    for name, subscription in resources("google_pubsub_subscription").items():
        (policy,) = subscription["expiration_policy"]
        assert plain(policy["ttl"]) == "", name


def test_the_scheduled_tick_is_a_tick() -> None:
    """Deadlines are looked at only because this message is understood."""
    messaging = (ROOT / "infra/terraform/messaging.tf").read_text(encoding="utf-8")
    from floorlog.announcements import Tick, encode

    tick = re.search(r"jsonencode\(\{ (.*?) \}\)", messaging)
    assert tick is not None
    assert dict(re.findall(r'(\w+) = "([^"]*)"', tick[1])) == encode(Tick())


def test_the_templates_parameters_are_what_the_launcher_takes() -> None:
    """A parameter that is described but not taken would be passed on to Beam, which ignores it."""
    launch = launcher()
    described = json.loads((ROOT / "infra/dataflow/metadata.json").read_text(encoding="utf-8"))["parameters"]
    names = [parameter["name"] for parameter in described]
    assert tuple(names) == launch.PARAMETERS
    settings, beam = launch.parse([f"--{name}={index + 1}" for index, name in enumerate(names)] + ["--project=p"])
    assert [str(getattr(settings, name)) for name in names] == [str(index + 1) for index in range(len(names))]
    assert beam == ["--project=p"]
    (job,) = resources("google_dataflow_flex_template_job").values()
    assert {plain(name) for name in job["parameters"]} <= set(names)


def test_variables_that_containers_get_are_settings() -> None:
    """A misspelt variable is silently the default: a store on a container's own disk."""
    known = {setting.env for setting in SETTINGS} | OTHERS
    compose = yaml.safe_load((ROOT / "infra/compose.yaml").read_text(encoding="utf-8"))
    given = set(compose["services"]["floorlog"]["environment"])
    (web,) = resources("google_cloud_run_v2_service").values()
    given |= {plain(entry["name"]) for entry in web["template"][0]["containers"][0]["env"]}
    given |= {name for unit in units().values() for name in re.findall(r"--env (\w+)=", unit)}
    assert given <= known


def test_each_process_that_lasts_is_deployed() -> None:
    """Records that nobody serves, or events that nobody sends, are missed only once somebody waits for them."""
    services = (ROOT / "infra/terraform/pages.tf").read_text(encoding="utf-8")
    started = set(re.findall(r'command = "(\w+)"', services))
    started |= {word for unit in units().values() for word in re.findall(r"\$\{image\} (\w+)", unit)}
    assert started == {"review", "api", "relay", "capture"}
    assert started <= set(typer.main.get_group(app).commands)


def test_the_image_has_what_browsers_run() -> None:
    """Git ignores what is built: an image of the sources alone has pages without their scripts."""
    dockerfile = (ROOT / "infra/images/floorlog.Dockerfile").read_text(encoding="utf-8")
    built = {path.parent.parent.name for path in (ROOT / "workers/web").glob("*/bundle/package.json")}
    (looped,) = re.findall(r"for bundle in ([\w ]+);", dockerfile)
    assert set(looped.split()) == built
    assert "COPY --from=scripts /src/workers/web/static workers/web/static" in dockerfile


def test_files_that_images_copy_exist() -> None:
    """An image that cannot be built is noticed at the worst moment."""
    for dockerfile in (ROOT / "infra/images").glob("*.Dockerfile"):
        for line in dockerfile.read_text(encoding="utf-8").splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                *sources, _ = line.split()[1:]
                assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_images_entry_point_starts_the_program_it_is_given() -> None:
    """Signals must reach the program itself, so that a container stops cleanly: the entry point becomes it."""
    entry = ROOT / "infra/images/entrypoint.py"
    program = [
        sys.executable,
        "-c",
        "import os, sys; print(os.getpid(), os.environ['DATABASE_URL'], *sys.argv[1:])",
        "up",
    ]
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL_SECRET"}
    started = subprocess.Popen(
        [sys.executable, str(entry), *program],
        env={**environ, "DATABASE_URL": "as-given"},
        stdout=subprocess.PIPE,
        text=True,
    )
    said, _ = started.communicate(timeout=60)
    assert said.split() == [str(started.pid), "as-given", "up"]


def test_images_hold_the_version_of_beam_that_is_locked() -> None:
    """A worker's boot program of another version does not start the code."""
    lock = (ROOT / "infra/images/requirements.lock").read_text(encoding="utf-8")
    locked = re.search(r"^apache-beam==(\S+)", lock, re.MULTILINE)
    booted = re.search(r"beam_python3\.11_sdk:(\S+)", (ROOT / "infra/images/dataflow.Dockerfile").read_text())
    assert locked is not None
    assert booted is not None
    assert locked[1] == booted[1]


def test_alerts_look_at_metrics_that_exist() -> None:
    """An alert on a metric that nobody writes never fires."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    rules = yaml.safe_load((ROOT / "infra/prometheus/alerts.yaml").read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            for metric in re.findall(r"\bfloorlog_\w+", rule["expr"]):
                stem = re.sub(r"_(total|bucket|count|sum)$", "", metric)
                assert f'"{stem}' in source, f"{rule['alert']}: {metric}"
            assert rule["annotations"]["runbook"].startswith("docs/operators.md#")


def test_the_counted_log_event_is_one_that_is_logged() -> None:
    """The alert on dead letters rests on the event's name."""
    (metric,) = resources("google_logging_metric").values()
    event = re.search(r'event = \\?"([a-z-]+)', plain(metric["filter"]))
    assert event is not None
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert re.search(rf'log\.\w+\(\s*"{event[1]}"', source)
