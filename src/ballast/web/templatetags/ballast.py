"""Template tags of the desk: lamps, figures, timelines."""

from django import template

register = template.Library()
