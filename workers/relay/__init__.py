"""The relay: it takes events from the outbox to webhooks and to the records topic. Several may run at once."""

from workers.relay.relay import run

__all__ = ["run"]
