"""The pages: what was said, by whom and on what evidence, while it is said and afterwards."""

from workers.web.app import create_app
from workers.web.serving import serve

__all__ = ["create_app", "serve"]
