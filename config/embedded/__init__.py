"""PostgreSQL and Valkey from wheels: no installation, no network port, one machine.

For trying the portal and for its tests. `docs/operations.md` says what it is not for.
"""

from config.embedded.servers import Servers

__all__ = ["Servers"]
