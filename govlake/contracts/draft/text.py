"""How a delimited file is written: encoding, delimiter, quoting, header row. Judged from its first megabyte."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from govlake.contracts.draft import shapes

HEAD = 1 << 20
ROWS = 300
DELIMITERS = (",", "\t", ";", "|")
# The characters that most Chinese administrative text is made of. Bytes read in the wrong encoding give others.
FREQUENT = set(
    "的一是不在人有这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平"
    "形相全表间样与关各重新线内数正心反你明看原又利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别手角期根论运农指几九区强放决西被干做必战"
    "市县省街镇乡村号名称编码时间日期地址类型性别年龄姓案发数量金额站车卡医院病人户单位联系电话状态备注"
    "這個國時來們會對發動產種後學經進著電裡現實兩體機當點業應開還從義關線內數問變沒結見計別區強決戰縣鄉鎮號稱編碼間類齡車醫戶單"
    "聯繫話狀態備註臺灣處華處場務總統計資訊處處據點傷亡案發鄰樓弄巷段路"
)
HINTS = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Writing:
    """How a delimited file is written. `header_row` is 1-based, 0 where there is none."""

    encoding: str
    delimiter: str = ","
    quote: str = '"'
    header_row: int = 1
    rows: tuple[tuple[str, ...], ...] = ()


def writing_of(head: bytes, telling: bytes = b"") -> Writing:
    """The most plausible way to read a delimited file, from its first bytes and those that tell its encoding."""
    encoding = encoding_of(telling or head)
    text = decoded(head, encoding)
    delimiter, quote, rows = _split(text)
    return Writing(encoding, delimiter, quote, shapes.header_row(rows), tuple(tuple(row) for row in rows))


def encoding_of(head: bytes) -> str:
    """The encoding of some bytes: by mark, by strict UTF-8, else by how plausible the characters are."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[:400:2].count(0) > 60 or head[1:400:2].count(0) > 60:
        return "utf-16-be" if head[:400:2].count(0) > head[1:400:2].count(0) else "utf-16-le"
    if _text(head, "utf-8") is not None:
        return "utf-8"
    candidates = [name for name in ("gb18030", "cp950", "cp1252", "latin-1") if _text(head, name) is not None]
    return max(candidates, key=lambda name: _plausible(_text(head, name) or ""))


def decoded(head: bytes, encoding: str) -> str:
    return (_text(head, encoding) or head.decode(encoding, errors="replace")).removeprefix("\ufeff")


def _text(head: bytes, encoding: str) -> str | None:
    """`head` decoded strictly, but for a character cut off at its end."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None


def _plausible(text: str) -> float:
    """Share of the characters beyond ASCII that are usual: frequent Chinese ones, or letters inside Latin words."""
    foreign = [character for character in text if ord(character) > 127]
    chinese = sum(character in FREQUENT for character in foreign)
    latin = sum(len(found) for found in re.findall(r"(?<=[A-Za-z])[À-ÿ]+|[À-ÿ]+(?=[a-z])", text))
    return max(chinese, latin) / max(len(foreign), 1)


def _split(text: str) -> tuple[str, str, list[list[str]]]:
    """Delimiter and quote under which most rows have the same number of fields, the more fields the better."""
    cut = text if len(text) < HEAD // 4 else text[: text.rfind("\n") + 1 or len(text)]
    lines = cut[: HEAD // 2]
    tried = []
    for delimiter in DELIMITERS:
        for quote in ('"', ""):
            rows = _rows(lines, delimiter, quote)
            tried.append((_regularity(rows), quote == '"', delimiter, quote, rows))
    best = max(tried, key=lambda entry: (round(entry[0], 2), entry[1]))
    if best[0] > 0:
        return best[2], best[3], best[4]
    rows = _rows(lines, " ", "")
    if _regularity(rows) > 0.95 and len(rows) > 2:
        return " ", '"', rows
    return ",", '"', _rows(lines, ",", '"')


def _rows(text: str, delimiter: str, quote: str) -> list[list[str]]:
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, quotechar=quote or None, quoting=quoting)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == ROWS:
                break
    except csv.Error:
        return []
    return rows


def _regularity(rows: Sequence[Sequence[str]]) -> float:
    """Share of the rows that have the usual number of fields; 0 where that number is one."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0.0
    width, times = max(widths.items(), key=lambda entry: (entry[1], entry[0]))
    return times / sum(widths.values()) + min(width, 50) / 1000 if width > 1 else 0.0
