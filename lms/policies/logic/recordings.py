"""What the recordings of a class are worth: the whole training on video (S2-31), long enough teaching videos (S3-29)."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from lms.policies.logic.judging import judge
from lms.policies.types import Decision, ProfileData, Reason


def class_recordings(profile: ProfileData, sessions: Sequence[tuple[int, Fraction | None]]) -> Decision:
    """The recorded sessions of a class as (planned minutes, recorded seconds; None while they are being measured).

    A session shorter on video than in the timetable only warns (S2-31). Of teaching videos the policy's number must be
    there, of its average length (S3-29), reckoned exactly.
    """
    reasons: list[Reason] = []
    measured = [seconds for _minutes, seconds in sessions if seconds]
    known = all(seconds is not None for _minutes, seconds in sessions)
    if profile.raw.get("full_recording"):
        whole = sum(seconds is not None and seconds >= 60 * minutes for minutes, seconds in sessions)
        short = sum(seconds is not None for _minutes, seconds in sessions) - whole
        met = False if short else True if sessions and known else None
        found = f"{whole}/{len(sessions)}" if sessions else None
        reasons.append(judge(profile, "full_recording", met, required=True, found=found, soft=True))
    asked = profile.raw.get("lecture_videos")
    if asked:
        least, average = int(asked["count_min"]), int(asked["average_minutes_min"])
        enough = True if len(measured) >= least else False if known else None
        reasons.append(
            judge(
                profile, "lecture_video_count", enough, required=least, found=len(measured), clause_of="lecture_videos"
            )
        )
        mean = sum(measured, Fraction(0)) / len(measured) if measured else None
        tenths = None if mean is None else f"{float(mean // 6) / 10:.1f}"  # never rounded up to what is asked
        long_enough = None if mean is None else mean >= 60 * average
        reasons.append(
            judge(
                profile,
                "lecture_video_minutes",
                long_enough,
                required=average,
                found=tenths,
                clause_of="lecture_videos",
            )
        )
    # The document asks for it, whether or not we know in which clause.
    return Decision(tuple(replace(reason, clause=reason.clause or profile.document) for reason in reasons))
