from django.urls import path

from ballast.areas.reports import sent_views, views

app_name = "reports"
urlpatterns = [
    path("portal/stocks/", views.stocks, name="stocks"),
    path("portal/stocks/template.xlsx", views.template, name="template"),
    path("portal/stocks/upload/", views.upload, name="upload"),
    path("portal/stocks/reports/", sent_views.sent, name="sent"),
    path("portal/stocks/reports/<int:report_id>/withdraw/", sent_views.withdraw, name="withdraw"),
    path("portal/operation/", views.operation, name="operation"),
    path("reports/rates/", views.rates, name="rates"),
    path("reports/", views.late, name="late"),
    path("reports/remind/", views.remind, name="remind"),
]
