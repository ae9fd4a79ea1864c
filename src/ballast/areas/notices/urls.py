from django.urls import path

from ballast.areas.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/settings/", views.choices, name="choices"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:message_id>/again/", views.again, name="again"),
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/<int:hook_id>/switch/", views.switch, name="switch"),
]
