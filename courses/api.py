"""The door of courses for the rooms above it."""

from courses.catalogue.reviewing import waiting_reviews
from courses.catalogue.selectors import opened_levels
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
from courses.homework.selectors.desk import waiting_homework
from courses.homework.services.drafts import add_picture, add_video, hand_in, save_draft
from courses.homework.services.marking import mark_homework, return_homework, settle_homework
from courses.homework.services.rubrics import load_homework_rubrics
from courses.homework.types import HomeworkRefused

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
    "HomeworkRefused",
    "MyEnrolment",
    "TrainingClass",
    "add_instructor",
    "add_picture",
    "add_video",
    "approve_enrolment",
    "enrolment_home",
    "hand_in",
    "load_homework_rubrics",
    "mark_homework",
    "move_class",
    "my_enrolments",
    "opened_levels",
    "plan_class",
    "reject_enrolment",
    "return_homework",
    "save_draft",
    "settle_homework",
    "start_training",
    "submit_enrolment",
    "waiting_classes",
    "waiting_enrolments",
    "waiting_homework",
    "waiting_reviews",
    "withdraw_enrolment",
]
