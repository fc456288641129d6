from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle


class TokenThrottle(ScopedRateThrottle):
    """Slow down guessing of passwords by address; a forwarded address counts only behind a declared proxy."""

    def get_ident(self, request: Request) -> str:
        if not api_settings.NUM_PROXIES:
            return str(request.META.get("REMOTE_ADDR"))
        return str(super().get_ident(request))
