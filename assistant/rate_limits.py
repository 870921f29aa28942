"""How many messages one conversation, and one client address, may send."""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import Optional

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Many candidates can share an address (a library, an office, a mobile network), so it gets more than a conversation.
ADDRESS_SHARE = 20
REDIS_SECONDS = 0.25
MOST_KEYS = 10_000  # in memory; far more than a process has conversations in a minute
SWEEP_SECONDS = 5.0
OUTAGE_SECONDS = 10  # how long this process counts alone before it looks whether Redis is back


class RateLimits:
    """Counts requests in a moving window.

    Args:
        rate: what one conversation may send; None means no limit at all.
        redis_url: where all chat servers count together. Empty, or while it does not answer: each counts for itself, so
            that an outage of Redis never keeps candidates out.
    """

    def __init__(self, rate: Optional[RateLimitItem], redis_url: str = "") -> None:
        # A limiter itself holds no strong reference to its storage.
        self._own = _OwnStorage()
        self._shared = _redis_storage(redis_url) if redis_url else None
        self._shared_again_at = 0.0
        self._rate = rate
        self._address_rate = type(rate)(rate.amount * ADDRESS_SHARE, rate.multiples) if rate else None

    @property
    def is_shared(self) -> bool:
        """Tell whether `seconds_to_wait` may have to wait for Redis itself."""
        return self._shared is not None

    def seconds_to_wait(self, conversation_id: Optional[str], address: str) -> int:
        """Count one request; return 0 when it may go on, else after how many whole seconds to try again."""
        if self._shared and time.monotonic() >= self._shared_again_at:
            try:
                return self._count(MovingWindowRateLimiter(self._shared), conversation_id, address)
            except RedisError as error:
                logger.warning("Redis does not answer; this process counts alone for a while", exc_info=error)
                self._shared_again_at = time.monotonic() + OUTAGE_SECONDS
        if len(self._own.events) > MOST_KEYS:
            self._own = _OwnStorage()  # it never forgets a key
        return self._count(MovingWindowRateLimiter(self._own), conversation_id, address)

    def _count(self, limiter: MovingWindowRateLimiter, conversation_id: Optional[str], address: str) -> int:
        for rate, kind, key in (
            (self._address_rate, "address", address),
            (self._rate, "conversation", conversation_id),
        ):
            if rate and key and not limiter.hit(rate, kind, key):
                reset_at, _ = limiter.get_window_stats(rate, kind, key)
                return max(1, math.ceil(reset_at - time.time()))
        return 0


class _OwnStorage(MemoryStorage):
    """Counts in this process, and looks for what is over every few seconds; its parent goes through all at each request."""

    timer: threading.Timer

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the parent's own name for it
        if not self.timer.is_alive():
            self.timer = threading.Timer(SWEEP_SECONDS, self._MemoryStorage__expire_events)
            self.timer.daemon = True
            self.timer.start()


def _redis_storage(url: str) -> RedisStorage:
    return RedisStorage(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
