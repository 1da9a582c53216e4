"""Column names from delivered headers: English ones tidied, Chinese ones translated by a small dictionary.

What the dictionary does not know becomes column_<n>; the delivered header stays beside it as physicalName.
"""

import re
from functools import cache
from pathlib import Path

# Traditional characters that occur in the terms above.
FOLDED = str.maketrans(
    "證號碼編電話郵箱層組齡別類種級態結備註說內標題詳來網圖時間發開創建辦處復見傳佈登記請審數據縣鄉鎮區劃街社裡樓點經緯積郵"
    "總計價單費收額戶機構門業學醫護師診斷療傷為確癒歷進滿報專車駛當陽與線狀況鋪裝礙號動設備劃導勢訊應實課贊對滿評環濕測項"
    "濃儀員樣權國際鐵軌場廣園橋隧務統碼幣萬億歲稅險債貸銀帳貨運輸倉飛車輛鄰巷華臺係繫聯續職產廠檢驗許證執照營商務處資料",
    "证号码编电话邮箱层组龄别类种级态结备注说内标题详来网图时间发开创建办处复见传布登记请审数据县乡镇区划街社里楼点经纬积邮"
    "总计价单费收额户机构门业学医护师诊断疗伤为确愈历进满报专车驶当阳与线状况铺装碍号动设备划导势讯应实课赞对满评环湿测项"
    "浓仪员样权国际铁轨场广园桥隧务统码币万亿岁税险债贷银帐货运输仓飞车辆邻巷华台系系联续职产厂检验许证执照营商务处资料",
)
MAX_LENGTH = 48
LONGEST = 8  # characters of a term
# Words of SQL and YAML that would have to be quoted wherever the column is named.
AWKWARD = re.compile(
    "all|and|any|as|asc|between|by|case|cast|check|column|constraint|create|cross|current_(date|time|timestamp)|desc|"
    "distinct|else|end|except|false|for|foreign|from|full|grant|group|having|in|inner|intersect|into|is|join|left|"
    "like|limit|natural|no|not|null|off|offset|on|or|order|outer|primary|references|right|select|some|table|then|to|"
    "true|union|unique|user|using|when|where|window|with|yes"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def terms() -> dict[str, str]:
    """The dictionary: Chinese term to English words, which may be none."""
    lines = Path(__file__).with_name("terms.tsv").read_text(encoding="utf-8").splitlines()
    return {term: words for term, _, words in (line.partition("\t") for line in lines if not line.startswith("#"))}


def column_names(headers: list[str] | tuple[str, ...]) -> list[str]:
    """One distinct lower-case name per header, in order."""
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        name = snake(header)[:MAX_LENGTH].rstrip("_") or f"column_{position}"
        name = name if name[0].isalpha() else f"c_{name}"
        name = {"no": "item_no"}.get(name, name if not AWKWARD.fullmatch(name) else f"{name}_value")
        names.append(_distinct(name, names))
    return names


def snake(text: str) -> str:
    """`text` as lower-case English words joined by underscores; "" where a Chinese term is not known."""
    folded = text.translate(FOLDED)
    words = translated(folded) if CHINESE.search(folded) else folded
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    return re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]+", "_", split)).strip("_").lower()


def translated(text: str) -> str:
    """Chinese terms by longest match; "" where a part is not in the dictionary."""
    words: list[str] = []
    while text:
        plain = re.match(r"[^\u4e00-\u9fff]+", text)
        term = plain.group() if plain else _longest_term(text)
        if not term:
            return ""
        words.append(term if plain else terms()[term])
        text = text[len(term) :]
    return "_".join(word for word in words if word)


def _longest_term(text: str) -> str:
    return next((text[:size] for size in range(LONGEST, 0, -1) if text[:size] in terms()), "")


def _distinct(name: str, taken: list[str]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate = f"{name}_{number}"
        number += 1
    return candidate
