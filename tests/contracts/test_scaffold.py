"""A draft from a delivered file loads, passes the check and says of each column what its values are."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from govlake.contracts import Contract, load_contract
from govlake.contracts.draft import shapes
from govlake.contracts.draft.text import encoding_of, writing_of
from govlake.contracts.draft.words import column_names
from govlake.contracts.lint import check
from govlake.contracts.scaffold import scaffold
from govlake.errors import ContractError

TAPS = "卡号,刷卡时间,交易类型,金额(元),站点\n" + "".join(
    f"68{number:08d},2026-09-01 {7 + number // 60:02d}:{number % 60:02d}:00,{'进站' if number % 2 else '出站'},"
    f"{number % 7}.50,{'福田' if number % 3 else ''}\n"
    for number in range(120)
)
THEFTS = "編號,案類,發生日期,發生時段,發生地點\n" + "".join(
    f"{number},汽車竊盜,{1040101 + number},{number % 12:02d}~{number % 12 + 2:02d},台北市松山區塔悠路{number}號\n"
    for number in range(1, 29)
)


@pytest.fixture
def drafted(tmp_path: Path, home: Path) -> Callable[..., Contract]:
    """Drafts a contract for a file, checks it without error and loads it."""

    def draft(file: Path, dataset: str = "city.delivery") -> Contract:
        out = tmp_path / "pack" / "city" / "draft.yaml"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(scaffold(file, dataset), encoding="utf-8")
        errors = [str(finding) for finding in check(out)[1] if finding.severity == "error"]
        assert errors == []
        return load_contract(out)

    return draft


def columns(contract: Contract, table: int = 0) -> dict[str, tuple[str, bool, tuple[str, ...]]]:
    return {entry.name: (entry.type, entry.key, entry.formats) for entry in contract.tables[table].columns}


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")]
)
def test_csv_in_simplified_chinese(drafted, tmp_path: Path, encoding: str, named: str) -> None:
    file = tmp_path / "taps_20260901.csv"
    file.write_bytes(TAPS.encode(encoding))
    contract = drafted(file)
    assert (contract.id, contract.department, contract.title_en) == ("city.delivery", "city", "Delivery")
    assert contract.source.encodings == (named,)
    assert contract.source.path == "{inbox}/taps_{date:%Y%m%d}.csv" and contract.mode == "increment"
    assert columns(contract) == {
        "card_no": ("string", True, ()),
        "tap_time": ("timestamp", False, ("yyyy-M-d H:mm:ss",)),
        "transaction_type": ("string", False, ()),
        "amount_cny": ("number", False, ()),
        "stop": ("string", False, ()),
    }
    card, _, kind, amount, stop = contract.tables[0].columns
    assert card.delivered == ("卡号",) and card.pseudonymise and card.classification == "restricted"
    assert amount.decimals == 2 and not stop.required and kind.title_zh == "交易类型"
    rules = {rule.id: rule for rule in contract.tables[0].rules}
    assert rules["transaction_type.enum"].arguments["values"] == ["出站", "进站"]


def test_csv_in_big5_with_dates_of_the_republic_and_row_numbers(drafted, tmp_path: Path) -> None:
    file = tmp_path / "theft.csv"
    file.write_bytes(THEFTS.encode("cp950"))
    contract = drafted(file)
    assert contract.source.encodings == ("cp950",) and contract.timezone == "Asia/Taipei"
    assert contract.mode == "snapshot"
    found = columns(contract)
    assert found["occurred_date"] == ("date", True, ("roc",))
    assert found["item_no"][:2] == ("string", False)


def test_title_rows_footnotes_delimiter_and_empty_rows(drafted, tmp_path: Path) -> None:
    rows = "".join(f"H{number:03d};医院{number};{number * 3};{number / 4}\n" for number in range(40))
    text = f"2026年8月医院床位\n\n机构代码;机构名称;床位;占床率\n{rows};;;\n备注：数据截至月底;;;\n"
    file = tmp_path / "beds_2026-08.csv"
    file.write_text(text, encoding="utf-8")
    contract = drafted(file)
    assert (contract.source.delimiter, contract.source.header_row) == (";", 3)
    assert contract.source.skip_rows_matching and contract.source.path == "{inbox}/beds_{date:%Y-%m}.csv"
    found = columns(contract)
    assert found["institution_code"] == ("string", True, ())
    assert found["beds"][0] == "integer" and found["occupancy_rate"][0] == "number"
    assert contract.tables[0].partition_columns == ("file_date",)  # only the file's name says when


def test_file_without_header_is_taken_by_position(drafted, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_text("".join(f"{110101 + number}\t区{number}\n" for number in range(30)), encoding="utf-8")
    contract = drafted(file)
    assert contract.source.header_row == 0 and contract.source.delimiter == "\t"
    assert columns(contract) == {"column_1": ("string", True, ()), "column_2": ("string", False, ())}


def workbook() -> bytes:
    """The smallest workbook that a spreadsheet opens: a visible sheet with two title rows above its header."""
    cells = [["八月投诉"], [], ["工单编号", "受理时间", "满意度"]]
    cells += [[f"T{number:04d}", f"2026/8/{number % 28 + 1} 9:0{number % 10}", number % 5] for number in range(60)]
    rows = "".join(
        f'<row r="{index}">'
        + "".join(
            f"<c><v>{cell}</v></c>" if isinstance(cell, int) else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for index, row in enumerate(cells, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="八月" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return content.getvalue()


def test_workbook_with_title_rows(drafted, tmp_path: Path) -> None:
    file = tmp_path / "tickets.xlsx"
    file.write_bytes(workbook())
    contract = drafted(file)
    assert (contract.source.format, contract.source.header_row) == ("xlsx", 3)
    assert columns(contract) == {
        "ticket_no": ("string", True, ()),
        "accepted_time": ("timestamp", False, ("yyyy/M/d H:mm",)),
        "satisfaction": ("integer", False, ()),
    }


def test_archive_gives_a_table_per_member(drafted, tmp_path: Path) -> None:
    file = tmp_path / "feed.zip"
    stops = "stop_id,stop_name,stop_lat\n" + "".join(f"S{n},Stop {n},{22 + n / 100}\n" for n in range(30))
    days = "service_id,date\n" + "".join(f"{'WK' if n % 2 else 'WE'},202609{n // 2 + 1:02d}\n" for n in range(40))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("stops.txt", stops)
        archive.writestr("calendar_dates.txt", days)
    contract = drafted(file)
    assert [(table.name, table.file, table.key_columns) for table in contract.tables] == [
        ("calendar_dates", "calendar_dates.txt", ("service_id", "date")),
        ("stops", "stops.txt", ("stop_id",)),
    ]
    assert columns(contract)["date"] == ("date", True, ("yyyyMMdd",))


def test_json_with_records_below_and_a_time_beside_them(drafted, tmp_path: Path) -> None:
    records = [{"station": {"id": f"K{n}"}, "waiting": n % 9, "full": n % 2 == 0} for n in range(40)]
    file = tmp_path / "waiting_20260901_0830.json"
    file.write_text(json.dumps({"fetched_at": "2026-09-01T08:30:00Z", "data": {"rows": records}}), encoding="utf-8")
    contract = drafted(file)
    assert contract.source.record_path == "data.rows"
    assert contract.source.path == "{inbox}/waiting_{date:%Y%m%d}_*.json"
    assert [entry.delivered[0] for entry in contract.tables[0].columns][:3] == ["station.id", "waiting", "full"]


@pytest.mark.open_data
@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("transport/kaohsiung_metro_monthly.json", ("station_id", "period")),
        ("gov_services/teddy2020_att4_messages_replies.xlsx", ("message_no",)),
        ("citizens/NCPPolicies_train_20200301.csv", ("id", "file_date")),
    ],
)
def test_real_files(drafted, open_data: Path, file: str, key: tuple[str, ...]) -> None:
    assert drafted(open_data / file).tables[0].key_columns == key


def test_empty_and_missing_files_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    for file in (empty, tmp_path / "missing.csv"):
        with pytest.raises(ContractError, match=file.name):
            scaffold(file)


def test_dataset_must_have_two_parts(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="Taps"):
        scaffold(tmp_path / "x.csv", "Taps")


MOMENTS = {
    "2026-09-01": "yyyy-M-d",
    "2026/9/1 7:05": "yyyy/M/d H:mm",
    "20260901": "yyyyMMdd",
    "20260901070500": "yyyyMMddHHmmss",
    "9/1/2026 7:05:09 PM": "M/d/yyyy h:mm:ss a",
    "2026-09-01T07:05:00Z": "yyyy-M-d'T'HH:mm:ssXXX".replace("HH", "H"),
    "2026年9月1日": "yyyy年M月d日",
    "1150901": "roc",
    "115年09月01日 02時35分00秒": "roc",
    "2026-09": "yyyy-MM",
    "2026-02-30": "",
    "1550222": "",
    "12345": "",
    "text": "",
}


@pytest.mark.parametrize(("text", "pattern"), MOMENTS.items(), ids=MOMENTS.keys())
def test_moments(text: str, pattern: str) -> None:
    assert shapes.moment(text) == pattern


HEADERS = {
    "plain": ([["id", "name"], ["1", "a"], ["2", "b"]], 1),
    "title rows": ([["Report", ""], [], ["id", "name"], ["1", "a"], ["2", "b"]], 3),
    "none": ([["1", "a"], ["2", "b"], ["3", "a"]], 0),
    "years across": ([["district", "2024", "2025"], ["北区", "10", "12"], ["南区", "11", "9"]], 1),
    "texts only": ([["city", "mayor"], ["a", "b"], ["c", "d"]], 1),
}


@pytest.mark.parametrize(("rows", "row"), HEADERS.values(), ids=HEADERS.keys())
def test_header_row(rows: list[list[str]], row: int) -> None:
    assert shapes.header_row(rows) == row


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("編號,案類,發生地點", "cp950"),
        ("编号,案件类型,发生地点", "gb18030"),
        ("Straße,Größe,café", "cp1252"),
        ("编号,地点", "utf-16"),
    ],
)
def test_encoding(text: str, encoding: str) -> None:
    assert encoding_of(text.encode(encoding)) == encoding


def test_encoding_shows_only_far_down(drafted, tmp_path: Path) -> None:
    file = tmp_path / "late.csv"
    plain = "".join(f"{number},plain text {number}\n" for number in range(60_000))
    file.write_bytes(b"row_id,note\n" + plain.encode() + "60000,终于有中文的地址\n".encode("gb18030"))
    assert drafted(file).source.encodings == ("gb18030",)


def test_quotes_that_are_text_are_no_quotes() -> None:
    head = ("a\tb\n" + '5" pipe\tx\n' * 5 + '"open\ty\n' * 5).encode()
    assert (writing_of(head).delimiter, writing_of(head).quote) == ("\t", "")


def test_column_names() -> None:
    headers = [
        "stationId",
        "Case Status",
        "2024",
        "發生日期",
        "从没见过的词",
        "編號",
        "order",
        "order",
    ]
    assert column_names(headers) == [
        "station_id",
        "case_status",
        "c_2024",
        "occurred_date",
        "column_5",
        "item_no",
        "order_value",
        "order_value_2",
    ]
