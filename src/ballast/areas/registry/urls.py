from django.urls import path

from ballast.areas.registry import views

app_name = "registry"
urlpatterns = [
    path("enterprises/", views.enterprise_list, name="enterprises"),
    path("enterprises/<str:enterprise_id>/", views.enterprise_detail, name="enterprise"),
    path("sites/", views.site_list, name="sites"),
    path("sites/<str:site_id>/", views.site_detail, name="site"),
]
