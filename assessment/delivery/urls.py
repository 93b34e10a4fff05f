from django.urls import path

from assessment.delivery import views

app_name = "delivery"

urlpatterns = [path("x/save", views.save, name="save")]
