"""The door of courses for the rooms above it."""

from courses.classes.events import ClassCancelled
from courses.classes.models import TrainingClass
from courses.classes.selectors import waiting_classes
from courses.classes.services import add_instructor, move_class, plan_class
from courses.classes.types import ClassHead, ClassPlan, ClassRefused, ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.selectors import enrolment_home, my_enrolments, waiting_enrolments
from courses.enrolment.services import (
    approve_enrolment,
    reject_enrolment,
    start_training,
    submit_enrolment,
    withdraw_enrolment,
)
from courses.enrolment.types import Declaration, EnrolmentHome, EnrolmentRefused, EnrolmentState, MyEnrolment

__all__ = [
    "ClassCancelled",
    "ClassHead",
    "ClassPlan",
    "ClassRefused",
    "ClassState",
    "Declaration",
    "Enrolment",
    "EnrolmentHome",
    "EnrolmentRefused",
    "EnrolmentState",
    "MyEnrolment",
    "TrainingClass",
    "add_instructor",
    "approve_enrolment",
    "enrolment_home",
    "move_class",
    "my_enrolments",
    "plan_class",
    "reject_enrolment",
    "start_training",
    "submit_enrolment",
    "waiting_classes",
    "waiting_enrolments",
    "withdraw_enrolment",
]
