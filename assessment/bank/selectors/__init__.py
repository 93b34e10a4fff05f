"""Gates and reads of the question bank; nothing here gives a key."""

from assessment.bank.selectors.drawing import documents_of, drawable, file_of, placed_versions, statistics
from assessment.bank.selectors.lookalikes import lookalikes, lookalikes_of_many, lookalikes_within
from assessment.bank.selectors.questions import (
    file_for,
    next_waiting,
    question_for,
    question_page,
    questions_list,
    questions_of_stimulus,
    returned_questions,
    rights_of,
    uids_of,
    version_data,
    waiting_questions,
)
from assessment.bank.selectors.topics import quorum_of, topic_title, topics, topics_of

__all__ = [
    "documents_of",
    "drawable",
    "file_for",
    "file_of",
    "lookalikes",
    "lookalikes_of_many",
    "lookalikes_within",
    "next_waiting",
    "placed_versions",
    "question_for",
    "question_page",
    "questions_list",
    "questions_of_stimulus",
    "quorum_of",
    "returned_questions",
    "rights_of",
    "statistics",
    "topic_title",
    "topics",
    "topics_of",
    "uids_of",
    "version_data",
    "waiting_questions",
]
