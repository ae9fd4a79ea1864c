from django.urls import path

from ballast.areas.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.audit_list, name="list"),
    path("portal/readers/", views.readers, name="readers"),
]
