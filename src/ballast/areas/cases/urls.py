"""Addresses of the desk's cases and of the enterprise's problems."""

from django.urls import path

from ballast.areas.cases import board_views, portal_views, views
from ballast.areas.cases.clocks import views as clock_views
from ballast.areas.cases.documents import views as document_views
from ballast.areas.cases.measuring import part_views
from ballast.areas.cases.measuring import views as measure_views
from ballast.areas.cases.ownership import views as mine_views
from ballast.areas.cases.relations import views as family_views
from ballast.areas.cases.routing import views as rule_views
from ballast.areas.cases.sheets import views as sheet_views
from ballast.areas.cases.talk import inbox_views, reply_views

app_name = "cases"
urlpatterns = [
    path("desks/rules/", rule_views.rules, name="rules"),
    path("desks/rules/new/", rule_views.new_rule, name="new_rule"),
    path("desks/rules/<int:rule_id>/", rule_views.rule, name="rule"),
    path("desks/rules/<int:rule_id>/end/", rule_views.end_rule, name="end_rule"),
    path("desks/groups/<int:group_id>/", mine_views.group, name="group"),
    path("desks/escalation/", mine_views.steps, name="steps"),
    path("desks/escalation/<int:step_id>/end/", mine_views.end_step, name="end_step"),
    path("cases/mine/", mine_views.my_queue, name="mine"),
    path("cases/", views.queue, name="list"),
    path("cases/board/", board_views.page, name="board"),
    path("cases/assign/", views.assign_many, name="assign_many"),
    path("cases/measures/", measure_views.page, name="measures"),
    path("cases/measures/parts/", part_views.page, name="part_measures"),
    path("cases/clocks/", clock_views.page, name="clocks"),
    path("cases/new/", portal_views.to_new, name="to_new"),
    path("cases/texts/", reply_views.texts, name="texts"),
    path("cases/texts/<int:text_id>/", reply_views.change, name="change_text"),
    path("cases/texts/<int:text_id>/drop/", reply_views.drop, name="drop_text"),
    path("cases/new/<slug:pack>/", views.new, name="new_at_desk"),
    path("cases/<str:number>/", views.detail, name="detail"),
    path("cases/<str:number>/move/", views.move, name="move"),
    path("cases/<str:number>/group/", views.give_to_group, name="give_to_group"),
    path("cases/<str:number>/merge/", views.merge, name="merge"),
    path("cases/<str:number>/unmerge/", views.undo_merge, name="unmerge"),
    path("cases/<str:number>/children/", family_views.link, name="link_child"),
    path("cases/<str:number>/unlink/", family_views.unlink, name="unlink"),
    path("cases/<str:number>/split/", family_views.split, name="split"),
    path("cases/<str:number>/documents/<slug:document>.pdf", document_views.as_pdf, name="document_pdf"),
    path("cases/<str:number>/documents/<slug:document>.docx", document_views.as_docx, name="document_docx"),
    path("cases/<str:number>/tick/", views.tick, name="tick"),
    path("cases/<str:number>/say/", views.say, name="say"),
    path("cases/<str:number>/text/", reply_views.fill, name="fill_text"),
    path("cases/<str:number>/people/", views.people, name="people"),
    path("cases/<str:number>/event/", views.link_event, name="event"),
    path("cases/<str:number>/wait/", clock_views.wait, name="wait"),
    path("cases/<str:number>/go-on/", clock_views.go_on, name="go_on"),
    path("cases/<str:number>/extensions/", clock_views.ask_for_time, name="extensions"),
    path("cases/<str:number>/extensions/<int:pk>/", clock_views.decide_on_time, name="extension"),
    path("cases/<str:number>/files/<int:pk>/", views.file, name="file"),
    path("notices/", inbox_views.notices, name="notices"),
    path("notices/read/", inbox_views.read, name="notices_read"),
    path("notices/<int:pk>/", inbox_views.notice, name="notice"),
    path("portal/problems/", portal_views.problems, name="problems"),
    path("portal/problems/new/", portal_views.new, name="new"),
    path("portal/problems/new/<slug:pack>/", portal_views.new, name="new_by_pack"),
    path("portal/problems/sheet/", sheet_views.sheet, name="sheet"),
    path("portal/problems/sheet/template.xlsx", sheet_views.sheet_template, name="sheet_template"),
    path("portal/problems/<str:number>/", portal_views.problem, name="problem"),
    path("portal/problems/<str:number>/move/", portal_views.answer, name="answer"),
    path("portal/problems/<str:number>/say/", portal_views.say, name="portal_say"),
]
