"""Which columns look like personal data: by their names, and by the shape of their values.

A suspicion, never a verdict: it makes a person decide between `pseudonymise`, `classification` and neither.
"""

import re
from collections.abc import Iterable

# Words of names in which a person is meant, whatever the table is about.
NAMES = re.compile(
    r"""(^|_)(
        card_?(no|num|number|id)|id_?(no|num|number|card)|identity|national_?id|ssn|passport(_?no)?|
        phone|mobile|tel|telephone|cell|e?_?mail|wechat|openid|imei|
        (full|first|last|middle|given|family|person|patient|owner|contact|caller|applicant|citizen|reporter)_?name|
        surname|birth(_?(date|day))?|date_of_birth|dob|home_?address|plate(_?(no|number))?|licen[cs]e_?plate|
        bank_?account|iban|medical_?record(_?no)?|user_?id|user_?name
    )(_|$)
    |身[份分][证證]|[证證]件|[证證][号號]|手[机機]|[电電][话話]|姓名|卡[号號]|[邮郵]箱|信箱|住址|[车車]牌|[护護]照|
    [医醫]保|病[历歷]|[银銀]行[账帳]|出生|用[户戶](名|id|编号|編號)?$|[联聯][系繫]人|留言(用[户戶]|人)""",
    re.IGNORECASE | re.VERBOSE,
)
VALUES = {
    "a Chinese resident ID": re.compile(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dXx]"),
    "a mobile phone number": re.compile(r"(\+?86[- ]?)?1[3-9]\d{9}|(\+?886[- ]?)?0?9\d{2}-?\d{3}-?\d{3}"),
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "a Taiwan ID": re.compile(r"[A-Z][12]\d{8}"),
}
# Share of the values that must have such a shape before a column is suspected.
SUSPICIOUS = 0.5


def by_name(names: Iterable[str]) -> str:
    """The one of `names` that sounds like personal data, or ""."""
    return next((name for name in names if NAMES.search(_snake(name))), "")


def by_value(values: list[str]) -> str:
    """What most of `values` look like, or ""."""
    for kind, pattern in VALUES.items():
        hits = sum(1 for value in values if pattern.fullmatch(value))
        if values and hits / len(values) >= SUSPICIOUS:
            return kind
    return ""


def _snake(name: str) -> str:
    """CardNo and card-no as card_no, so that a word is found where it begins and ends."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\s\-.]+", "_", split)
