"""Hashes of passwords: Argon2id, never more than a few at once."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE = 2
"""Hashes computed at once in one process: each takes 64 MiB, and sign-ins must not starve what else runs here."""


class Passwords:
    """Hashes passwords and checks them.

    Args:
        hasher: The hash and its parameters; by default the second of RFC 9106, section 4: 3 passes over 64 MiB.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = threading.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash of a password, with its parameters and its salt."""
        with self._turns:
            return self._hasher.hash(_prepared(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Return whether a password is the one behind a hash.

        Without a hash it is not, and finding that out takes as long: who waits does not learn whether there is one.
        """
        if self._nobodys is None:
            self._nobodys = self.hash("nobody's password")
        return self._verified(password_hash or self._nobodys, password) and password_hash is not None

    def is_dated(self, password_hash: str) -> bool:
        """Return whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verified(self, password_hash: str, password: str) -> bool:
        with self._turns:
            try:
                return self._hasher.verify(password_hash, _prepared(password))
            except (VerificationError, InvalidHashError):
                return False


def _prepared(password: str) -> bytes:
    """Return what is hashed: the same bytes however a keyboard spells a letter (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
