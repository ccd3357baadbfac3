"""Run one transform on the named runner, and look at both of its ways out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.util import assert_that

from pipelines.elements import HEARD


def run_step(step: beam.DoFn, given: Sequence[Any], aside: str) -> tuple[list[Any], list[Any]]:
    """Return what leaves a step by its main way and by its tagged one, in no order."""
    outs: dict[str, list[Any]] = {HEARD: [], aside: []}
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        ways = pipeline | beam.Create(list(given)) | beam.ParDo(step).with_outputs(aside, main=HEARD)
        for name, found in outs.items():
            assert_that(ways[name], _collect(found), label=f"look at {name}")
    return outs[HEARD], outs[aside]


def run_plain(step: beam.DoFn, given: Sequence[Any]) -> list[Any]:
    """Return what leaves a step with one way out."""
    found: list[Any] = []
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        assert_that(pipeline | beam.Create(list(given)) | beam.ParDo(step), _collect(found))
    return found


class _collect:  # noqa: N801 -- reads as a verb where it is used
    """Keeps what it is asked to check; one process runs the whole pipeline, so the list is the caller's."""

    kept: dict[int, list[Any]] = {}  # noqa: RUF012 -- pickled by reference: the key survives, the list does not

    def __init__(self, found: list[Any]) -> None:
        self.key = id(found)
        self.kept[self.key] = found

    def __call__(self, actual: Sequence[Any]) -> None:
        self.kept[self.key].extend(actual)
