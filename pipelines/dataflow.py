"""The same graph on Dataflow: at-least-once streaming, read with Beam's own Pub/Sub source."""

from __future__ import annotations

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, StandardOptions

from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from pipelines.drive import plan_of
from pipelines.elements import Plan
from pipelines.interventions import build

AT_LEAST_ONCE = "streaming_mode_at_least_once"
"""Dataflow's streaming mode; writes are idempotent, so exactly-once would only cost (Dataflow guide, streaming modes).

`id_label` is not used: it would drop a dead letter that is sent again.
"""


def build_streaming(pipeline: beam.Pipeline, subscription: str, topic: str, plan: Plan) -> None:
    """Build the streaming graph.

    Args:
        pipeline: what it is built into.
        subscription: `projects/P/subscriptions/S`, read by Beam.
        topic: `projects/P/topics/T`, where payloads that failed for now are sent again: Dataflow acknowledges after
            the first fused stage, so they would not be delivered again by themselves.
        plan: plain values that the stages carry.
    """
    announced = pipeline | "Read announcements" >> beam.io.ReadFromPubSub(subscription=subscription)
    outcome = build(announced, plan)
    outcome.again | "Send again what failed for now" >> beam.io.WriteToPubSub(topic)


def options(arguments: Sequence[str]) -> PipelineOptions:
    """Return Beam's options for Dataflow: streaming, at least once.

    Raises:
        InvalidSetting: project, region or temp_location is missing.
    """
    chosen = PipelineOptions(
        [
            "--runner=DataflowRunner",
            "--streaming",
            f"--dataflow_service_options={AT_LEAST_ONCE}",
            "--save_main_session=false",
            *arguments,
        ]
    )
    cloud = chosen.view_as(GoogleCloudOptions)
    for name in ("project", "region", "temp_location"):
        if not getattr(cloud, name):
            raise InvalidSetting(f"--{name}", "", f"Dataflow needs it: --beam=--{name}=…")
    chosen.view_as(StandardOptions).streaming = True
    return chosen


def submit(settings: Settings, arguments: Sequence[str]) -> None:
    """Submit the streaming graph and return at once: a Flex Template's launcher must not wait for the end.

    Raises:
        InvalidSetting: an option that Dataflow needs is missing, or the `dataflow` extra is not installed.
    """
    chosen = options(arguments)
    try:
        from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner
    except ImportError as fault:
        raise InvalidSetting("--dataflow", "", "install floorlog[dataflow] first") from fault
    project = chosen.view_as(GoogleCloudOptions).project
    pipeline = beam.Pipeline(runner=DataflowRunner(), options=chosen)
    build_streaming(
        pipeline,
        f"projects/{project}/subscriptions/{settings.subscription}",
        f"projects/{project}/topics/{settings.topic}",
        plan_of(settings),
    )
    pipeline.run()
