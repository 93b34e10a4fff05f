from django.db import migrations, models


def say_opened(apps, editor):
    """Questions of papers that releases opened before this was written down."""
    mark, form = apps.get_model("assessment", "PaperMark"), apps.get_model("assessment", "PaperForm")
    released = apps.get_model("assessment", "MarksDecision").objects.filter(step="released").exclude(shown="marks")
    for decision in released.order_by("at"):
        sat = mark.objects.filter(attempt__entry__sitting=decision.sitting_id).values("attempt__paper")
        contents = form.objects.filter(uuid__in=sat).values_list("content", flat=True)
        shown = {item["question"] for content in contents for part in content["sections"] for item in part["items"]}
        questions = apps.get_model("assessment", "Question").objects.filter(uuid__in=shown, opened_at=None)
        questions.update(opened_at=decision.at)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0009_transcripts")]

    operations = [
        migrations.AddField(model_name="question", name="opened_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(say_opened, migrations.RunPython.noop),
    ]
