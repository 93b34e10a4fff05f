from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """What is taught, to whom, when."""

    name = "courses"
    label = "courses"

    def ready(self) -> None:
        """Register the reference data, hear the news, name the notices, say what is held about a person."""
        from assessment.api import register_class_levels
        from courses.catalogue import jobs as catalogue_jobs
        from courses.catalogue import listeners as catalogue_listeners
        from courses.catalogue.exchange.loading import load_content
        from courses.catalogue.practice import load_practice
        from courses.catalogue.reviewing import NOTICE_KINDS as REVIEW_KINDS
        from courses.catalogue.services import load_curriculum
        from courses.catalogue.vocabulary import sample_lines, spoken_terms
        from courses.classes.selectors import class_levels
        from courses.enrolment import holder, listeners
        from courses.enrolment.services import NOTICE_KINDS
        from courses.homework import holder as homework_holder
        from courses.homework import uploading as homework_uploading
        from courses.homework.selectors.standing import lesson_shares, task_links
        from courses.homework.services.marking import NOTICE_KINDS as HOMEWORK_KINDS
        from courses.homework.services.rubrics import load_homework_rubrics
        from courses.learning import above
        from courses.learning import holder as learning_holder
        from courses.learning import jobs as learning_jobs
        from courses.learning.services.questions import NOTICE_KINDS as STUDY_NOTICE_KINDS
        from courses.recordings import uploading as recording_uploading
        from courses.studytime import holder as studytime_holder
        from courses.studytime import jobs as studytime_jobs
        from courses.studytime import listeners as studytime_listeners
        from courses.videos import uploading as video_uploading
        from lms.core import holdings, reference
        from lms.notices.api import register_kind
        from media_pipeline.api import register_samples, register_target, register_vocabulary

        self.heard = (
            catalogue_jobs,
            catalogue_listeners,
            learning_jobs,
            listeners,
            studytime_listeners,
            studytime_jobs,
        )
        reference.register("curriculum", load_curriculum)
        reference.register("curriculum content", load_content)
        reference.register("practice questions", load_practice)
        register_class_levels(class_levels)
        register_vocabulary(spoken_terms)
        register_samples(sample_lines)
        register_target(video_uploading.TARGET)
        register_target(homework_uploading.TARGET)
        register_target(recording_uploading.TARGET)
        holdings.register("courses", holder.hold)
        reference.register("homework rubrics", load_homework_rubrics)
        above.register(task_links, lesson_shares)
        holdings.register("courses.learning", learning_holder.hold)
        holdings.register("courses.homework", homework_holder.hold)
        holdings.register("courses.studytime", studytime_holder.hold)
        for kind, label in {**REVIEW_KINDS, **NOTICE_KINDS, **STUDY_NOTICE_KINDS, **HOMEWORK_KINDS}.items():
            register_kind(kind, label)
