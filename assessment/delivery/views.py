"""The save's answer behind Django, for servers that do not call `ExamDoor`."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from assessment.delivery.door import HEADER, answer


@csrf_exempt
def save(request: HttpRequest) -> HttpResponse:
    """The token in a header no form can send stands for the form token."""
    status, said = answer(
        request.method or "", request.META.get(HEADER, ""), request.META.get("CONTENT_LENGTH") or "", request.read
    )
    response = JsonResponse(said, status=status)
    response["Cache-Control"] = "no-store"
    return response
