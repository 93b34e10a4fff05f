"""Where the question bank is written and judged, below /admin/bank/."""

from django.urls import path

from assessment.bank.views import editor, exporting, importing, listing, question

app_name = "bank"
urlpatterns = [
    path("", listing.questions, name="list"),
    path("practice/", listing.practice, name="practice"),
    path("send/", listing.send, name="send"),
    path("new/", editor.new, name="new"),
    path("new/<str:type>/", editor.write, name="write"),
    path("alike/", editor.alike, name="alike"),
    path("import/", importing.bring, name="import"),
    path("import/template/", importing.excel_template, name="import_template"),
    path("import/<uuid:uuid>/", importing.draft, name="import_draft"),
    path("import/<uuid:uuid>/take/", importing.take, name="import_take"),
    path("import/<uuid:uuid>/send/", importing.send, name="import_send"),
    path("import/<uuid:uuid>/out/", importing.out, name="import_out"),
    path("import/<uuid:uuid>/drop/", importing.drop, name="import_drop"),
    path("import/<uuid:uuid>/<int:number>/", importing.row, name="import_row"),
    path("import/<uuid:uuid>/<int:number>/out/", importing.row_out, name="import_row_out"),
    path("export/", exporting.export, name="export"),
    path("<uuid:uuid>/", question.question, name="question"),
    path("<uuid:uuid>/key/", question.key, name="key"),
    path("<uuid:uuid>/edit/", editor.edit, name="edit"),
    path("<uuid:uuid>/verdict/", question.verdict, name="verdict"),
    path("<uuid:uuid>/versions/", question.versions, name="versions"),
    path("<uuid:uuid>/restore/", question.restore, name="restore"),
    path("<uuid:uuid>/file/<str:sha256>/", question.file, name="file"),
    path("<uuid:uuid>/<str:what>/", question.act, name="act"),
]
