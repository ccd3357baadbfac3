"""The engines of a process: each is opened once, by plain configuration, and shared by everything in it."""

from __future__ import annotations

import functools
import os

from floorlog.adapters.broker import Broker, open_broker
from floorlog.adapters.store import Store, open_store
from floorlog.errors import InvalidSetting


def store(name: str = "DATABASE_URL") -> Store:
    """Return the store whose URL the environment variable `name` holds.

    Raises:
        InvalidSetting: the variable is not set.
    """
    return _store(_value(name))


def broker(name: str = "FLOORLOG_BROKER_URL") -> Broker:
    """Return the broker whose URL the environment variable `name` holds.

    Raises:
        InvalidSetting: the variable is not set.
    """
    return _broker(_value(name))


def _value(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise InvalidSetting(name, "", "the environment must hold a URL")
    return value


@functools.cache
def _store(url: str) -> Store:
    return open_store(url)


@functools.cache
def _broker(url: str) -> Broker:
    return open_broker(url)
