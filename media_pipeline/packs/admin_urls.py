"""Where rule packs are written and published, below /admin/rules/."""

from django.urls import path

from media_pipeline.packs import views

app_name = "rules"
urlpatterns = [
    path("", views.packs_list, name="list"),
    path("start/", views.start, name="start"),
    path("<uuid:uuid>/", views.pack, name="pack"),
    path("<uuid:uuid>/rule/<str:key>/", views.rule, name="rule"),
    path("<uuid:uuid>/new/<str:category>/", views.new_rule, name="new_rule"),
    path("<uuid:uuid>/part/<str:name>/", views.part, name="part"),
    path("<uuid:uuid>/sentences/", views.own_sentences, name="sentences"),
    path("<uuid:uuid>/compare/<uuid:other>/", views.compare, name="compare"),
    path("<uuid:uuid>/try/", views.try_, name="try"),
    path("<uuid:uuid>/submit/", views.submit, name="submit"),
    path("<uuid:uuid>/give-up/", views.give_up, name="give_up"),
    path("<uuid:uuid>/return/", views.return_, name="return"),
    path("<uuid:uuid>/publish/", views.publish, name="publish"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
