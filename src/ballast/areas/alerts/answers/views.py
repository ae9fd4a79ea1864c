"""Forms on the page of a lamp: acknowledge, silence, end early."""

from django.utils.translation import gettext_noop

from ballast.areas.alerts.answers.form_views import Subject, form_views
from ballast.areas.alerts.answers.giving import answer_lamp, end_answer
from ballast.areas.alerts.views import lamp_page

__all__ = ["answered", "ended"]

_ENDS = gettext_noop("Acknowledged until {day}. It ends before that if the lamp becomes worse.")

answered, ended = form_views(Subject(answer_lamp, end_answer, lamp_page, "alerts:detail", _ENDS))
