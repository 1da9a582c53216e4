"""Numbers of people and organisations that cannot exist: all begin with the unassigned area prefix 99.

Check digits are right: GB 11643-1999 for residents, GB 32100-2015 for organisations.
"""

import numpy as np
import pyarrow as pa

RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
RESIDENT_CHECK = "10X98765432"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = np.array([3**place % 31 for place in range(17)])
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])


def resident_ids(people: np.ndarray) -> pa.Array:
    """The identity number of each person. No sequence ends in 00, which a spreadsheet's zeros are taken for."""
    people = people.astype(np.int64)
    year, month, day = 1935 + people % 73, 1 + people // 73 % 12, 1 + people // 876 % 28
    birth = year * 10_000 + month * 100 + day
    area = 990_101 + people // 24_528 % 8
    sequence = people // 7 % 9 * 100 + people // 63 % 99 + 1
    digits = np.concatenate([_digits(area, 6), _digits(birth, 8), _digits(sequence, 3)], axis=1)
    letters = np.array(list(RESIDENT_CHECK))[(digits @ RESIDENT_WEIGHTS) % 11]
    return _text(np.concatenate([digits.astype("U1"), letters[:, None]], axis=1))


def check_character(number: str) -> str:
    """The check character that the first 17 digits of an identity number ask for."""
    return RESIDENT_CHECK[int(np.array([int(digit) for digit in number[:17]]) @ RESIDENT_WEIGHTS) % 11]


def credit_codes(organisations: np.ndarray) -> pa.Array:
    """The unified social credit code of each organisation."""
    organisations = organisations.astype(np.int64)
    body = _digits(10_000_000 + organisations % 80_000_000, 8)
    rest = (11 - (body @ ORGANISATION_WEIGHTS) % 11) % 11
    own = np.where(rest == 10, CREDIT.index("X"), rest)
    head = np.broadcast_to(np.array([9, 1, 9, 9, 0, 1, 0, 1]), (len(organisations), 8))
    codes = np.concatenate([head, body, own[:, None]], axis=1)
    last = (31 - (codes @ CREDIT_WEIGHTS) % 31) % 31
    letters = np.array(list(CREDIT))
    return _text(letters[np.concatenate([codes, last[:, None]], axis=1)])


def phones(people: np.ndarray) -> pa.Array:
    """A telephone number that no network assigns, for each person."""
    return _text(np.concatenate([_digits(np.zeros(len(people), np.int64), 3), _digits(people, 8)], axis=1).astype("U1"))


def _digits(numbers: np.ndarray, width: int) -> np.ndarray:
    places = 10 ** np.arange(width - 1, -1, -1)
    return numbers.astype(np.int64)[:, None] // places % 10


def _text(letters: np.ndarray) -> pa.Array:
    """Rows of single letters as one text each."""
    width = letters.shape[1]
    joined = np.ascontiguousarray(letters.astype("S1")).view(f"S{width}").ravel()
    return pa.array(joined, pa.binary(width)).cast(pa.binary()).cast(pa.utf8())
