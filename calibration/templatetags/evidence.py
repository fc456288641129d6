"""Links from a figure to the judgments behind it."""

from django import template

from calibration.views import evidence

register = template.Library()
register.simple_tag(evidence.href, name="judgments_href")
