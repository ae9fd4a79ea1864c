from django.urls import path

from ballast.areas.alerts import views

app_name = "alerts"
urlpatterns = [
    path("lamps/", views.lamp_list, name="list"),
    path("lamps/<int:pk>/", views.lamp_detail, name="detail"),
]
