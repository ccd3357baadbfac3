"""Tokens as Akamai's edges ask for them: `__hdnea__=st=…~exp=…~acl=…~hmac=…` in a playlist's address."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote, unquote

NAME = "__hdnea__"
_SECRET = b"of a rehearsal"


@dataclass(frozen=True, slots=True)
class Tokens:
    """How long a token lasts, in seconds of the clock on the wall, and when all of them are revoked, in media seconds.

    UN Web TV's tokens were seen to last 86,400 s, one for each rendition (yt-dlp #2855).
    """

    life_s: float = 86_400.0
    revoked_at_s: tuple[float, ...] = ()

    def query(self, path: str, now_unix: float, published_s: float) -> str:
        """Return the query of an address, with a token for it."""
        body = f"st={int(now_unix)}~exp={int(now_unix + self.life_s)}~acl=/{path}*"
        return f"{NAME}={quote(f'{body}~hmac={self._sign(body, published_s)}', safe='=~*/')}"

    def allows(self, path: str, token: str, now_unix: float, published_s: float) -> bool:
        """Return whether a token opens an address now."""
        body, _, signature = unquote(token).rpartition("~hmac=")
        facts = dict(part.partition("=")[::2] for part in body.split("~"))
        return (
            hmac.compare_digest(signature, self._sign(body, published_s))
            and f"/{path}*" == facts.get("acl")
            and now_unix < float(facts["exp"])
        )

    def _sign(self, body: str, published_s: float) -> str:
        generation = sum(at_s <= published_s for at_s in self.revoked_at_s)
        return hmac.new(_SECRET, f"{generation} {body}".encode(), hashlib.sha256).hexdigest()
