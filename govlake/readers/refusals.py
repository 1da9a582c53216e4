"""Why a delivered file cannot be read, as sentences for the department that sent it: English and Chinese.

Each kind holds what is wrong and what to do about it. `{file}` is always the name as delivered.
"""

from govlake.errors import DeliveryError

REFUSALS: dict[str, tuple[str, str, str, str]] = {
    "empty": (
        "{file} is empty (0 bytes).",
        "Deliver the file again.",
        "文件{file}为空(0字节)。",
        "请重新报送该文件。",
    ),
    "gone": (
        "{file} cannot be opened: {why}.",
        "Check that it exists and that the pipeline may read it.",
        "文件{file}无法打开:{why}。",
        "请确认文件存在且可读。",
    ),
    "encoding": (
        "{file} cannot be read as {tried}: byte {offset} does not fit. {guess_en}",
        "Save it in the agreed encoding, or add the encoding to the contract (servers[0].encoding).",
        "文件{file}不是约定的编码({tried}),第{offset}字节无法解码。{guess_zh}",
        "请按约定编码另存后重新报送,或在数据合同中补充该编码。",
    ),
    "no_header": (
        "{file} has no row {row}, where its column names should be.",
        "Deliver the file with its header, or correct headerRow in the contract.",
        "文件{file}没有第{row}行,该行应为列名。",
        "请补上表头后重新报送,或修改合同中的headerRow。",
    ),
    "no_known_column": (
        "{file} has none of the agreed columns. Row {row} reads: {header}. Agreed are: {agreed}.{hint_en}",
        "Deliver it with the agreed header, or name the new columns in the contract (physicalName, aliases).",
        "文件{file}中没有任何约定的列。第{row}行内容为:{header}。约定的列为:{agreed}。{hint_zh}",
        "请使用约定的表头重新报送,或在合同中登记新列名。",
    ),
    "duplicate_column": (
        "{file} has the column '{column}' {times} times.",
        "Rename or remove the surplus column; nobody can tell which one is meant.",
        "文件{file}中列“{column}”出现了{times}次。",
        "请改名或删除多余的列。",
    ),
    "broken_quotes": (
        "{file} cannot be split into rows after about row {row}: a quoted value never ends.",
        "Check the quotation marks there, and that the whole file was sent.",
        "文件{file}约第{row}行之后无法拆分:引号没有闭合。",
        "请检查该处引号,并确认文件已完整传输。",
    ),
    "broken_archive": (
        "{file} is damaged or incomplete: {why}.",
        "Send it again and compare its size with the original.",
        "压缩文件{file}已损坏或不完整:{why}。",
        "请重新传输,并核对文件大小。",
    ),
    "encrypted": (
        "{file} is protected by a password.",
        "Deliver it without a password; the transport is what protects it.",
        "文件{file}设有密码。",
        "请去除密码后重新报送。",
    ),
    "archive_kind": (
        "{file} is a {kind} archive, which cannot be read.",
        "Deliver it as zip, gz or uncompressed.",
        "文件{file}为{kind}压缩格式,无法读取。",
        "请改用zip、gz或不压缩的文件。",
    ),
    "bomb": (
        "{file} would unpack to {unpacked} MB from {packed} MB, more than is accepted.",
        "Deliver it in smaller parts.",
        "文件{file}解压后达{unpacked}MB(压缩后{packed}MB),超出允许范围。",
        "请分成较小的文件报送。",
    ),
    "no_member": (
        "{file} holds no file like '{pattern}'. It holds: {members}.",
        "Add the file to the archive, or correct the table's physicalName in the contract.",
        "文件{file}中没有“{pattern}”。现有:{members}。",
        "请补上该文件,或修改合同中的physicalName。",
    ),
    "no_file": (
        "The delivery has no file like '{pattern}'. It has: {members}.",
        "Deliver the missing file, or correct the table's physicalName in the contract.",
        "本次报送缺少文件“{pattern}”。现有:{members}。",
        "请补报该文件,或修改合同中的physicalName。",
    ),
    "no_sheet": (
        "{file} has no sheet like '{pattern}'. It has: {members}.",
        "Deliver the sheet, or correct `sheet` in the contract.",
        "文件{file}中没有名为“{pattern}”的工作表。现有:{members}。",
        "请补上工作表,或修改合同中的sheet。",
    ),
    "workbook": (
        "{file} is not a workbook that can be opened: {why}.",
        "Save it again as xlsx (or ods), without a password.",
        "文件{file}不是可打开的工作簿:{why}。",
        "请另存为xlsx(或ods)且不设密码。",
    ),
    "document": (
        "{file} is not valid {kind}: {why}.",
        "Check that the whole file was sent.",
        "文件{file}不是有效的{kind}:{why}。",
        "请确认文件已完整传输。",
    ),
    "too_large": (
        "{file} is one {kind} document of {megabytes} MB, which would have to be held in memory as a whole.",
        "Deliver it as JSON lines (jsonl), one record per line, or in smaller files.",
        "文件{file}为{megabytes}MB的单个{kind}文档,过大。",
        "请改为jsonl(每行一条)或拆分后报送。",
    ),
    "no_records": (
        "{file} has no records at '{where}'.",
        "Correct `recordPath` in the contract, or deliver the document as agreed.",
        "文件{file}在“{where}”处没有记录。",
        "请修改合同中的recordPath,或按约定结构报送。",
    ),
    "uploading": (
        "{file} is still being written.",
        "It is taken with the next run, once it has stopped growing.",
        "文件{file}仍在上传中。",
        "上传完成后将在下次运行时接收。",
    ),
    "checksum": (
        "{file} differs from the checksum its supplier declared.",
        "Send it again; it was changed or cut short on its way.",
        "文件{file}与报送方声明的校验值不一致。",
        "文件在传输中被改动或截断,请重新报送。",
    ),
}


def refuse(kind: str, /, **values: object) -> DeliveryError:
    """The DeliveryError of this kind, with the values filled in."""
    message, remedy, message_zh, remedy_zh = (text.format(**values) for text in REFUSALS[kind])
    return DeliveryError(message.strip(), remedy, message_zh.strip(), remedy_zh)


def shorten(values: list[str] | tuple[str, ...], limit: int = 8) -> str:
    """The first few of `values` in one line."""
    shown = ", ".join(value if len(value) <= 40 else value[:39] + "…" for value in values[:limit])
    return shown + (f" … ({len(values)})" if len(values) > limit else "") if values else "-"
