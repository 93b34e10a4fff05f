"""The door of courses for the rooms above it."""

from courses.catalogue.reviewing import waiting_reviews
from courses.catalogue.selectors import opened_levels
from courses.classes.events import ClassCancelled
from courses.classes.models import TrainingClass
from courses.classes.selectors import waiting_classes
from courses.classes.services import add_instructor, move_class, plan_class
from courses.classes.types import ClassHead, ClassPlan, ClassRefused, ClassState
from courses.demonstration import Roles, demo_lesson, demo_study, demo_told, demo_video, demo_video_waits
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
from courses.learning.events import LessonCompleted
from courses.learning.selectors.classes import class_progress
from courses.learning.selectors.questions import waiting_questions
from courses.learning.selectors.study import next_lesson
from courses.learning.services.deadlines import say_background, set_deadline
from courses.learning.services.notes import save_note, set_bookmark
from courses.learning.services.progress import answer_check
from courses.learning.services.progress import tell as tell_progress
from courses.learning.services.questions import answer as answer_question
from courses.learning.services.questions import ask as ask_teacher
from courses.learning.types import (
    Aim,
    Background,
    ClassProgress,
    Experience,
    Happening,
    NextLesson,
    Place,
    Schooling,
    StudyState,
)
from courses.studytime.services import counted_online_hours
from courses.studytime.types import OnlineHours

__all__ = [
    "Aim",
    "Background",
    "ClassCancelled",
    "ClassHead",
    "ClassPlan",
    "ClassProgress",
    "ClassRefused",
    "ClassState",
    "Declaration",
    "Enrolment",
    "EnrolmentHome",
    "EnrolmentRefused",
    "EnrolmentState",
    "Experience",
    "Happening",
    "HomeworkRefused",
    "LessonCompleted",
    "MyEnrolment",
    "NextLesson",
    "OnlineHours",
    "Place",
    "Roles",
    "Schooling",
    "StudyState",
    "TrainingClass",
    "add_instructor",
    "add_picture",
    "add_video",
    "answer_check",
    "answer_question",
    "approve_enrolment",
    "ask_teacher",
    "class_progress",
    "counted_online_hours",
    "demo_lesson",
    "demo_study",
    "demo_told",
    "demo_video",
    "demo_video_waits",
    "enrolment_home",
    "hand_in",
    "load_homework_rubrics",
    "mark_homework",
    "move_class",
    "my_enrolments",
    "next_lesson",
    "opened_levels",
    "plan_class",
    "reject_enrolment",
    "return_homework",
    "save_draft",
    "save_note",
    "say_background",
    "set_bookmark",
    "set_deadline",
    "settle_homework",
    "start_training",
    "submit_enrolment",
    "tell_progress",
    "waiting_classes",
    "waiting_enrolments",
    "waiting_homework",
    "waiting_questions",
    "waiting_reviews",
    "withdraw_enrolment",
]
