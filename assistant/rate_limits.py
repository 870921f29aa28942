"""How many messages one conversation, and one client address, may send."""

from __future__ import annotations

import math
import time
from typing import Optional

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# Many candidates can share an address (a library, an office, a mobile network), so it gets more than a conversation.
ADDRESS_SHARE = 20


class RateLimits:
    """Counts requests in a moving window; `rate` None means no limit at all."""

    def __init__(self, rate: Optional[RateLimitItem]) -> None:
        self._storage = MemoryStorage()  # the limiter itself holds no strong reference to it
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._rate = rate
        self._address_rate = type(rate)(rate.amount * ADDRESS_SHARE, rate.multiples) if rate else None

    def seconds_to_wait(self, conversation_id: Optional[str], address: str) -> int:
        """Count one request; return 0 when it may go on, else after how many whole seconds to try again."""
        for rate, kind, key in (
            (self._address_rate, "address", address),
            (self._rate, "conversation", conversation_id),
        ):
            if rate and key and not self._limiter.hit(rate, kind, key):
                reset_at, _ = self._limiter.get_window_stats(rate, kind, key)
                return max(1, math.ceil(reset_at - time.time()))
        return 0
