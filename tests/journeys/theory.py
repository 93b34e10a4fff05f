"""The theory exam of a journey's class, by the services people use; run inside the journey's own installation:
`manage.py shell -c "from tests.journeys.theory import hold; hold(...)"`. The exam's own pages have journeys of their own."""

import time

from assessment.api import Examiners, demo_exam, demo_papers, load_bank
from courses.api import TrainingClass
from lms.accounts.api import INSTALLATION, Acting, Organisation, Role, User, acting_for, create_user, grant_membership
from lms.core import clock


def hold(class_name: str, *, office: str, bureau: str, chief: str, trainee: str) -> None:
    """A paper of the starter bank, a sitting of this class, this trainee's answers, marks released. Names are display names."""
    row = TrainingClass.objects.get(name=class_name)
    load_bank(now=clock.now())
    list(demo_papers(committee=_named("郑秀兰"), bureau=_named("蒋敏"), now=clock.now()))
    watcher = _invigilator(Organisation.objects.get(pk=row.institution_id))
    roles = Examiners(
        office=_named(office),
        bureau=_named(bureau),
        invigilator=acting_for(watcher, None),
        invigilator_user=watcher.uuid,
        committee=_named("郑秀兰"),
        chief=_named(chief),
        sits={trainee: (_named(trainee), 4)},
        awaited=None,
    )
    until = time.monotonic() + 120

    def wait() -> None:
        if time.monotonic() > until:
            raise TimeoutError("the papers were not marked within two minutes")
        time.sleep(0.3)

    for line in demo_exam(roles, row.uuid, now=clock.now, wait=wait):
        print(line)


def _named(name: str) -> Acting:
    return acting_for(User.objects.get(display_name=name), None)


def _invigilator(place: Organisation) -> User:
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name="监考老师",
        password="journey-invigilator-7",
        password_is_initial=False,
        now=clock.now(),
    )
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=Role.INVIGILATOR, now=clock.now())
    return user
