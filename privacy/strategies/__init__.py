"""How a value ends: one file each, one line each in this table."""

from privacy.strategies.base import Options, Place, Strategy, Unsupported
from privacy.strategies.coarsen import Coarsen
from privacy.strategies.constant import Constant
from privacy.strategies.drop_file import DropFile
from privacy.strategies.keep import Keep
from privacy.strategies.nullify import Nullify
from privacy.strategies.pseudonym import Pseudonym
from privacy.strategies.redact import Redact
from privacy.strategies.truncate_ip import TruncateIp
from privacy.strategies.year import Year

STRATEGIES: dict[str, Strategy] = {
    "keep": Keep(),
    "nullify": Nullify(),
    "constant": Constant(),
    "pseudonym": Pseudonym(),
    "redact": Redact(),
    "truncate_ip": TruncateIp(),
    "coarsen": Coarsen(),
    "year": Year(),
    "drop_file": DropFile(),
}

__all__ = ["STRATEGIES", "Options", "Place", "Strategy", "Unsupported"]
