from django.urls import path

from ballast.areas.alerts import views
from ballast.areas.alerts.answers import views as answers
from ballast.areas.alerts.rulebook import views as rulebook

app_name = "alerts"
urlpatterns = [
    path("lamps/", views.lamp_list, name="list"),
    path("lamps/ask/", views.ask_list, name="ask"),
    path("lamps/rules/", rulebook.packs, name="rules"),
    path("lamps/rules/<str:rule_pack>/", rulebook.pack, name="rule_pack"),
    path("lamps/rules/<str:rule_pack>/<str:version>/", rulebook.version, name="rule_version"),
    path("lamps/rules/<str:rule_pack>/<str:version>/decide/", rulebook.decide, name="decide_rules"),
    path("lamps/<int:pk>/", views.lamp_detail, name="detail"),
    path("lamps/<int:pk>/answer/", answers.answered, name="answer"),
    path("lamps/<int:pk>/answers/<int:answer>/end/", answers.ended, name="end_answer"),
]
