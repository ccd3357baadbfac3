"""The graph for Dataflow, constructed and looked at as far as that goes without the service."""

from __future__ import annotations

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, StandardOptions

from floorlog.errors import InvalidSetting
from pipelines import dataflow
from pipelines.elements import Plan

CLOUD = ("--project=floorlog-test", "--region=europe-west1", "--temp_location=gs://b/tmp")


def test_the_streaming_graph_reads_pubsub_and_has_every_stage() -> None:
    """What runs on Dataflow is what runs here, between another source and another way back."""
    pipeline = beam.Pipeline(options=PipelineOptions(["--streaming"]))
    dataflow.build_streaming(
        pipeline,
        "projects/floorlog-test/subscriptions/pipeline",
        "projects/floorlog-test/topics/audio-segments",
        Plan(),
    )
    proto = pipeline.to_runner_api(use_fake_coders=True)
    labels = {transform.unique_name for transform in proto.components.transforms.values()}
    for stage in (
        "Read announcements",
        "Decode and validate each announcement",
        "Let the read commit, and spread the slow work",
        "Transcribe each segment",
        "Store each transcript",
        "Try again, or keep a dead letter",
        "Advance each meeting's floor",
        "Send again what failed for now",
    ):
        assert stage in labels


def test_staged_steps_carry_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pickled steps lie in a bucket; a password in one of them would lie there too."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://floorlog:open-sesame@127.0.0.1/floorlog")
    pipeline = beam.Pipeline(options=PipelineOptions(["--streaming"]))
    dataflow.build_streaming(
        pipeline,
        "projects/floorlog-test/subscriptions/pipeline",
        "projects/floorlog-test/topics/audio-segments",
        Plan(),
    )
    assert b"open-sesame" not in pipeline.to_runner_api(use_fake_coders=True).SerializeToString()


def test_options_are_for_streaming_at_least_once() -> None:
    """Exactly-once would only cost: every write is idempotent."""
    options = dataflow.options(CLOUD)
    assert options.view_as(StandardOptions).streaming
    assert dataflow.AT_LEAST_ONCE in options.view_as(GoogleCloudOptions).dataflow_service_options


@pytest.mark.parametrize("missing", ["project", "region", "temp_location"])
def test_a_missing_option_is_named(missing: str) -> None:
    """Dataflow would say so minutes later, in another window."""
    given = [option for option in CLOUD if not option.startswith(f"--{missing}")]
    with pytest.raises(InvalidSetting, match=missing):
        dataflow.options(given)
