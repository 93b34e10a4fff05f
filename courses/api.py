"""The door of courses for the rooms above it."""

from courses.catalogue.reviewing import waiting_reviews
from courses.classes.models import TrainingClass
from courses.classes.selectors import waiting_classes
from courses.classes.services import add_instructor, move_class, plan_class
from courses.classes.types import ClassPlan, ClassState
from courses.demonstration import Roles, demo_lesson, demo_study, demo_told, demo_video, demo_video_waits
from courses.enrolment.selectors import enrolment_home, waiting_enrolments
from courses.enrolment.services import approve_enrolment, start_training, submit_enrolment
from courses.enrolment.types import Declaration, EnrolmentState, MyEnrolment
from courses.homework.selectors.desk import waiting_homework
from courses.learning.selectors.questions import waiting_questions
from courses.learning.selectors.study import next_lesson
from courses.learning.types import NextLesson
from courses.studytime.services import counted_online_hours
from courses.studytime.types import OnlineHours

__all__ = [
    "ClassPlan",
    "ClassState",
    "Declaration",
    "EnrolmentState",
    "MyEnrolment",
    "NextLesson",
    "OnlineHours",
    "Roles",
    "TrainingClass",
    "add_instructor",
    "approve_enrolment",
    "counted_online_hours",
    "demo_lesson",
    "demo_study",
    "demo_told",
    "demo_video",
    "demo_video_waits",
    "enrolment_home",
    "move_class",
    "next_lesson",
    "plan_class",
    "start_training",
    "submit_enrolment",
    "waiting_classes",
    "waiting_enrolments",
    "waiting_homework",
    "waiting_questions",
    "waiting_reviews",
]
