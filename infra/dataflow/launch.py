"""Submit the streaming graph: what a Flex Template's launcher runs. metadata.json describes the same parameters."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from floorlog.config import SETTINGS, Settings
from pipelines import dataflow

PARAMETERS = ("subscription", "topic", "model", "device", "compute_type", "beam_size", "threads", "attempts")
"""Settings that a job may be started with; the rest of its command line is Beam's."""


def parse(arguments: Sequence[str]) -> tuple[Settings, list[str]]:
    """Return the settings that the parameters mean, and the options that are Beam's."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for setting in SETTINGS:
        if setting.field in PARAMETERS:
            parser.add_argument(f"--{setting.field}", help=setting.about)
    chosen, beam = parser.parse_known_args(arguments)
    return Settings.load(vars(chosen)), beam


if __name__ == "__main__":
    dataflow.submit(*parse(sys.argv[1:]))
