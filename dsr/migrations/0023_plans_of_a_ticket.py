from django.db import migrations, models


def each_named(apps, schema_editor):
    """Until now a plan was known as a ticket's by the end of its title."""
    Plan = apps.get_model("privacy", "Plan")
    Ticket = apps.get_model("dsr", "Ticket")
    Made = Ticket.plans.through
    references = dict(Ticket.objects.values_list("reference", "pk"))
    made = [
        Made(ticket_id=references[reference], plan_id=key)
        for key, title in Plan.objects.values_list("pk", "title").iterator()
        if (reference := title.rpartition(" for ")[2]) in references
    ]
    Made.objects.bulk_create(made, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("dsr", "0022_asked_under"),
        ("privacy", "0030_roles_and_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="plans",
            field=models.ManyToManyField(
                help_text="Each that was made for it.",
                related_name="tickets",
                to="privacy.plan",
            ),
        ),
        migrations.RunPython(each_named, migrations.RunPython.noop),
    ]
