"""Masking of personal data and the check of identity numbers. Pure.

Masks are those of the design's section 6: 林*燕, 陈*, 欧阳**, 138****1234, 3501**********1234.
"""

import re
import unicodedata
from datetime import date

# Family names of two characters, so that 欧阳修文 becomes 欧阳** and not 欧**文.
_DOUBLE_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 端木 南宫 独孤 轩辕 百里 呼延 东郭 西门 闻人 "
    "澹台 濮阳 淳于 单于 申屠 钟离 公冶 宗政 赫连 太叔 仲孙 鲜于 闾丘 拓跋 第五 左丘 公羊 梁丘 南门 东门".split()
)
_STAR = "*"

# GB 11643-1999: weights of the first 17 digits and the check character of each remainder modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# The first two digits: provinces, plus 71, 81–83 of the residence permits for Taiwan, Hong Kong and Macau residents.
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
# No place has this code: synthetic numbers of the demonstration and the tests begin so and can be nobody's.
SYNTHETIC_PROVINCE = "99"
_OLDEST_BIRTH_YEAR = 1900

# Forms of the other papers [K], deliberately wide: they carry no check character we could rely on.
_PERMIT = re.compile(r"[HM]\d{8}(\d{2})?|\d{8}|\d{10}[A-Z]?", re.ASCII)  # to the mainland: Hong Kong, Macau; Taiwan
_PERMIT_REGIONS = frozenset({"71", "81", "82", "83"})  # residence permits of the same people look like resident cards
_FOREIGNER_OLD = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")

# A livestream host is at least 16 (domain A4); between 16 and 18 the guardian's consent is asked for at enrolment.
YOUNGEST_HOST = 16


class IdentityNumberError(ValueError):
    """The number cannot be a resident card's. `reason`: length, digits, region, birth_date or check_digit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def masked_name(name: str) -> str:
    """林晓燕 → 林*燕, 陈芳 → 陈*, 欧阳修 → 欧阳*, 欧阳修文 → 欧阳**; of other scripts the first letter remains."""
    name = name.strip()
    if len(name) <= 1:
        return _STAR * len(name)
    if name[0] < "\u3400":  # below the first Chinese character (extension A)
        return name[0] + _STAR * 3
    if name[:2] in _DOUBLE_SURNAMES and len(name) > 2:
        return name[:2] + _STAR * (len(name) - 2)
    if len(name) == 2:
        return name[0] + _STAR
    return name[0] + _STAR * (len(name) - 2) + name[-1]


def masked_document(number: str) -> str:
    """3501**********1234: first and last four. Shorter papers (passports) keep the last two only."""
    number = number.strip()
    if len(number) >= 15:
        return number[:4] + _STAR * (len(number) - 8) + number[-4:]
    keep = 2 if len(number) > 4 else 0
    return _STAR * (len(number) - keep) + number[len(number) - keep :]


def masked_phone(phone: str) -> str:
    """138****1234. Numbers of other lengths keep the last four when they have at least eight digits."""
    phone = phone.strip()
    if len(phone) == 11:
        return phone[:3] + _STAR * 4 + phone[-4:]
    keep = 4 if len(phone) >= 8 else 0
    return _STAR * (len(phone) - keep) + phone[len(phone) - keep :]


def tidy_number(text: str) -> str:
    """What people type, as it is stored: NFKC (full-width digits), no spaces or hyphens, capital X."""
    kept = unicodedata.normalize("NFKC", text)
    return "".join(c for c in kept if not c.isspace() and c not in "-‐‑–—·").upper()


def check_digit(first17: str) -> str:
    """The 18th character of GB 11643 for 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def birth_date_of(number: str) -> date:
    """The date of birth that a resident card's number states. Raises IdentityNumberError."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberError("birth_date") from None


def is_female(number: str) -> bool:
    """The 17th digit is even for women."""
    return int(number[16]) % 2 == 0


def checked_resident_number(text: str, *, today: date, synthetic: bool) -> str:
    """The tidied number of a resident identity card (GB 11643).

    synthetic: whether region 99 is accepted (demonstration and tests only).
    Raises IdentityNumberError, naming the first thing that is wrong.
    """
    number = tidy_number(text)
    if len(number) != 18:
        raise IdentityNumberError("length")
    if not (number[:17].isascii() and number[:17].isdigit() and (number[17] in "0123456789X")):
        raise IdentityNumberError("digits")
    if number[:2] not in _PROVINCES and not (synthetic and number[:2] == SYNTHETIC_PROVINCE):
        raise IdentityNumberError("region")
    born = birth_date_of(number)
    if born.year < _OLDEST_BIRTH_YEAR or born > today:
        raise IdentityNumberError("birth_date")
    if number[17] != check_digit(number[:17]):
        raise IdentityNumberError("check_digit")
    return number


def _reads_as_card(number: str, today: date) -> bool:
    """18 characters with a date of birth and a fitting check character, whatever the region."""
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII) or number[17] != check_digit(number[:17]):
        return False
    try:
        return date(_OLDEST_BIRTH_YEAR, 1, 1) <= birth_date_of(number) <= today
    except IdentityNumberError:
        return False


def is_permit_number(number: str, *, today: date, synthetic: bool) -> bool:
    """A tidied number of a permit, or residence permit, of a Hong Kong, Macau or Taiwan resident."""
    if _PERMIT.fullmatch(number):
        return True
    regions = _PERMIT_REGIONS | ({SYNTHETIC_PROVINCE} if synthetic else frozenset())
    return number[:2] in regions and _reads_as_card(number, today)


def is_foreigner_card_number(number: str, *, today: date) -> bool:
    """A tidied number of a foreigner's residence card: three letters and 12 digits, or since 2023 a 9 and 17 more."""
    return bool(_FOREIGNER_OLD.fullmatch(number)) or (number[:1] == "9" and _reads_as_card(number, today))


def is_passport_number(number: str) -> bool:
    """A tidied passport number: letters and digits."""
    return bool(_PASSPORT.fullmatch(number))


def age_on(born: date, day: date) -> int:
    """Full years on that day; who is born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
