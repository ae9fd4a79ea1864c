"""Forms on the page of a warning: acknowledge, silence, end early."""

from django.utils.translation import gettext_noop

from ballast.areas.alerts.answers.form_views import Subject, form_views
from ballast.areas.responses.answers.giving import answer_warning, end_answer
from ballast.areas.responses.warnings.views import warning_page

__all__ = ["answered", "ended"]

_ENDS = gettext_noop("Acknowledged until {day}. It ends before that if more plants stop, or one earlier.")

answered, ended = form_views(Subject(answer_warning, end_answer, warning_page, "responses:warning", _ENDS))
