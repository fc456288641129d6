"""The OpenAPI description and the page that shows it."""

from typing import Any

from django.conf import settings
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Swagger's own widgets set styles on elements; this page alone allows that.
RELAXED: dict[str, Any] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}

schema = SpectacularAPIView.as_view()
page = csp_override(RELAXED)(SpectacularSwaggerSplitView.as_view(url_name="api-schema"))
