"""Settings: each is read once, at the edge, from flag over environment over file over default."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from floorlog.addresses import Policy
from floorlog.errors import InvalidSetting
from floorlog.visibility import SCOPES


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is named in the environment, what it is without, and what it does."""

    field: str
    env: str
    default: str
    about: str


SETTINGS = (
    Setting("data_dir", "FLOORLOG_DATA", ".data", "Folder of everything that is kept on this machine."),
    Setting("database_url", "DATABASE_URL", "sqlite:///{data}/floorlog.db", "The store: SQLite or PostgreSQL."),
    Setting(
        "broker_url",
        "FLOORLOG_BROKER_URL",
        "sqlite:///{data}/broker.db",
        "The broker: a file of the embedded one, or pubsub://PROJECT (PUBSUB_EMULATOR_HOST is honoured).",
    ),
    Setting("objects_url", "FLOORLOG_OBJECTS_URL", "{data}/objects", "Where audio objects lie: a folder or gs://…"),
    Setting("topic", "FLOORLOG_TOPIC", "audio-segments", "Topic of the announcements of live meetings."),
    Setting("subscription", "FLOORLOG_SUBSCRIPTION", "pipeline", "Subscription that the pipeline pulls from."),
    Setting("replay_topic", "FLOORLOG_REPLAY_TOPIC", "audio-segments-replay", "Topic of recordings and replays."),
    Setting(
        "replay_subscription", "FLOORLOG_REPLAY_SUBSCRIPTION", "pipeline-replay", "Subscription to the replay topic."
    ),
    Setting("model", "FLOORLOG_MODEL", "base-offline", "Recogniser: base-offline, a name on the hub, or a path."),
    Setting("device", "FLOORLOG_DEVICE", "cpu", "Where the recogniser runs: cpu or cuda."),
    Setting("compute_type", "FLOORLOG_COMPUTE_TYPE", "int8", "Number format of the recogniser's weights."),
    Setting("beam_size", "FLOORLOG_BEAM_SIZE", "5", "Beam of the recogniser; 1 is faster and a little worse."),
    Setting("threads", "FLOORLOG_THREADS", "1", "Threads of one recogniser call."),
    Setting("concurrent_calls", "FLOORLOG_CONCURRENT_CALLS", "2", "Segments transcribed at once by one driver."),
    Setting("batch", "FLOORLOG_BATCH", "16", "Messages that a driver takes at most in one bounded run."),
    Setting("lease_s", "FLOORLOG_LEASE_S", "60", "Seconds of a lease on a message; extended while it is worked on."),
    Setting("attempts", "FLOORLOG_ATTEMPTS", "8", "Attempts after which a retryable fault becomes a dead letter."),
    Setting(
        "linger_s",
        "FLOORLOG_LINGER_S",
        "120",
        "Seconds for which a stream's listed end must last, where nobody knows whether it is on air.",
    ),
    Setting("host", "FLOORLOG_HOST", "127.0.0.1", "Address that the pages are served on."),
    Setting("port", "FLOORLOG_PORT", "8000", "Port that the pages are served on."),
    Setting(
        "public_url",
        "FLOORLOG_PUBLIC_URL",
        "",
        "Where people reach the pages, for sign-in links: https://…; by default the address that they are served on.",
    ),
    Setting(
        "hosts",
        "FLOORLOG_HOSTS",
        "",
        "More names of hosts under which the pages may be asked for, separated by commas; loopback always may.",
    ),
    Setting("session_idle_min", "FLOORLOG_SESSION_IDLE_MIN", "120", "Minutes without a request that end a session."),
    Setting("session_max_h", "FLOORLOG_SESSION_MAX_H", "12", "Hours after which a session ends in any case."),
    Setting(
        "rate",
        "FLOORLOG_RATE",
        "600",
        "Requests to the API in a minute, for each key or address; 0: as many as they like.",
    ),
    Setting(
        "records_topic",
        "FLOORLOG_RECORDS_TOPIC",
        "records",
        "Topic on which the relay publishes what happens to records; none: on no topic.",
    ),
    Setting(
        "records_scopes",
        "FLOORLOG_RECORDS_SCOPES",
        "",
        "What that topic carries beyond what everybody may see: unpublished, closed; separated by commas.",
    ),
    Setting("relay_lease_s", "FLOORLOG_RELAY_LEASE_S", "10", "Seconds after which another relay takes over."),
    Setting(
        "webhook_inside",
        "FLOORLOG_WEBHOOK_INSIDE",
        "no",
        "yes: webhooks may go to http and to addresses inside this network.",
    ),
    Setting(
        "webhook_retry_s",
        "FLOORLOG_WEBHOOK_RETRY_S",
        "5",
        "Seconds before the second attempt; each later wait is twice as long, up to an hour.",
    ),
    Setting(
        "webhook_disable_h",
        "FLOORLOG_WEBHOOK_DISABLE_H",
        "72",
        "Hours without any success after which a webhook is disabled, and an event that always fails is given up.",
    ),
    Setting(
        "webhook_history_days", "FLOORLOG_WEBHOOK_HISTORY_DAYS", "30", "Days for which finished deliveries are kept."
    ),
    Setting("webtv_url", "FLOORLOG_WEBTV_URL", "https://webtv.un.org", "Where UN Web TV's pages are."),
    Setting(
        "kaltura_url", "FLOORLOG_KALTURA_URL", "https://cdnapisec.kaltura.com", "Where its media platform is asked."
    ),
    Setting(
        "contact", "FLOORLOG_CONTACT", "", "How whoever runs UN Web TV can reach you: an address of a page or mailto:."
    ),
    Setting(
        "origin_hosts",
        "FLOORLOG_ORIGIN_HOSTS",
        "un.org,kaltura.com",
        "Hosts, with all below them, that pages, playlists and redirects may name; separated by commas.",
    ),
    Setting("log_level", "LOG_LEVEL", "info", "debug, info, warning or error."),
    Setting("log_format", "FLOORLOG_LOG_FORMAT", "auto", "json, text, or auto: text on a terminal, else json."),
)

MAY_BE_0 = frozenset({"rate"})
"""Counts that may be nothing; the others are at least 1."""

EVERY_ADDRESS = ("0.0.0.0", "::")
"""Serve on each address of the machine: no address that a browser could go to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, resolved. `data_dir` is absolute; counts are at least 1, some of them 0; times are seconds."""

    data_dir: Path
    database_url: str
    broker_url: str
    objects_url: str
    topic: str
    subscription: str
    replay_topic: str
    replay_subscription: str
    model: str
    device: str
    compute_type: str
    beam_size: int
    threads: int
    concurrent_calls: int
    batch: int
    lease_s: int
    attempts: int
    linger_s: int
    host: str
    port: int
    public_url: str
    hosts: str
    session_idle_min: int
    session_max_h: int
    rate: int
    records_topic: str
    records_scopes: str
    relay_lease_s: int
    webhook_inside: str
    webhook_retry_s: int
    webhook_disable_h: int
    webhook_history_days: int
    webtv_url: str
    kaltura_url: str
    contact: str
    origin_hosts: str
    log_level: str
    log_format: str

    @staticmethod
    def load(flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of this process.

        Args:
            flags: values given on the command line by field name; None means not given.
            environ: the environment; the process's own by default. FLOORLOG_CONFIG may name a TOML file whose keys
                are field names.

        Raises:
            InvalidSetting: a value cannot be used, or the file holds an unknown key.
        """
        environ = os.environ if environ is None else environ
        chosen = {name: value for name, value in (flags or {}).items() if value is not None}
        from_file = _file(environ.get("FLOORLOG_CONFIG"))
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            values[setting.field] = chosen.get(
                setting.field, environ.get(setting.env) or from_file.get(setting.field, setting.default)
            )
        data_dir = Path(str(values["data_dir"])).expanduser().resolve()
        values["data_dir"] = data_dir
        for field in fields(Settings):
            value = values[field.name]
            if field.type == "int":
                values[field.name] = _count(field.name, value)
            elif field.type == "str":
                values[field.name] = str(value).replace("{data}", str(data_dir))
        return Settings(**values)

    def environment(self) -> dict[str, str]:
        """Return the variables that give a child process these settings."""
        return {setting.env: str(getattr(self, setting.field)) for setting in SETTINGS}

    def base_url(self) -> str:
        """Return where people reach the pages, without a slash at the end."""
        reached = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        host = f"[{reached}]" if ":" in reached else reached
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    def topic_scopes(self) -> tuple[str, ...]:
        """Return what the records topic carries beyond what everybody may see.

        Raises:
            InvalidSetting: there is no such scope.
        """
        scopes = tuple(name.strip() for name in self.records_scopes.split(",") if name.strip())
        for scope in scopes:
            if scope not in SCOPES:
                raise InvalidSetting("records_scopes", scope, f"expected is one of {', '.join(SCOPES)}")
        return scopes

    def webhooks_inside(self) -> bool:
        """Return whether webhooks may go to `http` and to addresses inside this network.

        Raises:
            InvalidSetting: it says neither yes nor no.
        """
        if self.webhook_inside not in ("yes", "no"):
            raise InvalidSetting("webhook_inside", self.webhook_inside, "expected is yes or no")
        return self.webhook_inside == "yes"

    def address_policy(self) -> Policy:
        """Return which addresses may be asked."""
        names = (name.strip().strip(".").lower() for name in self.origin_hosts.split(","))
        return Policy(tuple(name for name in names if name))


def _file(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as fault:
        raise InvalidSetting("FLOORLOG_CONFIG", path, f"a readable TOML file is expected ({fault})") from fault
    known = {setting.field for setting in SETTINGS}
    for key in content:
        if key not in known:
            raise InvalidSetting("FLOORLOG_CONFIG", path, f"unknown key {key!r}; known: {', '.join(sorted(known))}")
    return content


def _count(name: str, value: Any) -> int:
    try:
        count = int(value)
    except (TypeError, ValueError) as fault:
        raise InvalidSetting(name, str(value), "a whole number is expected") from fault
    least = 0 if name in MAY_BE_0 else 1
    if count < least:
        raise InvalidSetting(name, str(value), f"at least {least} is expected")
    return count
