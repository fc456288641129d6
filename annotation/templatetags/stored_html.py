from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def stored_html(html: str) -> SafeString:
    """Put HTML that the renderer made at import into a page; the one place that trusts stored markup.

    The sanitizer ran last on it, and `components/rendered.html` is the only template that uses this filter.
    """
    return mark_safe(html)  # noqa: S308
