"""Start a container's program with the store's URL in its environment, fetched from Secret Manager by name.

DATABASE_URL_SECRET names the secret (`projects/P/secrets/S`); without it the environment is left as it is. What is
staged or described anywhere carries the name only.

Usage: entrypoint.py PROGRAM [ARGUMENT]...
"""

from __future__ import annotations

import base64
import os
import sys

import google.auth
from google.auth.transport.requests import AuthorizedSession


def secret(name: str) -> str:
    """Return the newest version of a secret, read as the machine's own identity."""
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    url = f"https://secretmanager.googleapis.com/v1/{name}/versions/latest:access"
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    answer = session.get(url, timeout=30)
    answer.raise_for_status()
    return base64.b64decode(answer.json()["payload"]["data"]).decode()


if __name__ == "__main__":
    if "DATABASE_URL_SECRET" in os.environ:
        os.environ["DATABASE_URL"] = secret(os.environ["DATABASE_URL_SECRET"])
    os.execvp(sys.argv[1], sys.argv[1:])
