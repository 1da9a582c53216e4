"""Who and what the sample city consists of: districts, lines with their stations, topics of the hotline."""

from dataclasses import dataclass

PREFIX = "9901"


@dataclass(frozen=True)
class District:
    """`ride` and `call` are the district's weights in ridership and in calls to the hotline."""

    code: str
    zh: str
    en: str
    ride: float
    call: float


@dataclass(frozen=True)
class Line:
    """`stops` are (name, district code) in order of travel."""

    id: str
    zh: str
    mode: str
    weight: float
    stops: tuple[tuple[str, str], ...]


DISTRICTS = (
    District("990101", "中枢区", "Zhongshu", 2.2, 1.7),
    District("990102", "滨河区", "Binhe", 1.6, 1.4),
    District("990103", "东岭区", "Dongling", 1.3, 1.2),
    District("990104", "西苑区", "Xiyuan", 1.2, 1.1),
    District("990105", "南屏区", "Nanping", 1.0, 1.0),
    District("990106", "北塘区", "Beitang", 0.9, 0.9),
    District("990107", "云谷区", "Yungu", 0.8, 0.7),
    District("990108", "青岚区", "Qinglan", 0.5, 0.15),
)
# Few people of this district call, and those who do wait longest: silence is not satisfaction.
SILENT = "990108"
# Ridership of this district drops now and then, and complaints about transport follow.
TROUBLED = "990103"

PLACES = ("广场", "公园", "医院", "大学", "市场", "车站", "体育馆", "图书馆", "新村", "大桥", "工业园", "古街")


def _metro(number: int, districts: str) -> Line:
    codes = [PREFIX + f"{int(digit):02d}" for digit in districts]
    names = {district.code: district.zh.removesuffix("区") for district in DISTRICTS}
    stops = tuple((names[code] + PLACES[(number * 5 + at) % 12], code) for at, code in enumerate(codes))
    return Line(f"M{number}", f"{number}号线", "metro", 2.0 - number * 0.25, stops)


def _bus(number: int) -> Line:
    first, second = DISTRICTS[(number - 1) % 8], DISTRICTS[(number + 2) % 8]
    stops = tuple(
        (f"{district.zh.removesuffix('区')}{PLACES[(number + at) % 12]}", district.code)
        for district in (first, second)
        for at in range(4)
    )
    return Line(f"B{100 + number}", f"{100 + number}路", "bus", 1.0, stops)


METRO = (_metro(1, "611122233355"), _metro(2, "744111122288"), _metro(3, "333311144477"), _metro(4, "555221116688"))
BUS = tuple(_bus(number) for number in range(1, 13))
LINES = METRO + BUS

# Delivered word, conformed code, share of tickets, complaints among them, what people write.
TOPICS = (
    (
        "公共交通",
        "transport",
        0.14,
        0.35,
        ("{line}候车超过{n}分钟，车厢拥挤", "{place}站台缺少遮阳棚", "{line}末班车提前收车"),
    ),
    (
        "市容环卫",
        "sanitation",
        0.15,
        0.40,
        ("{place}附近垃圾清运不及时", "{place}门口占道经营", "{place}道路积水{n}厘米"),
    ),
    ("噪声扰民", "noise", 0.12, 0.55, ("{place}工地夜间施工至{n}点", "{place}广场舞音量过大")),
    ("供水供电", "utilities", 0.11, 0.25, ("{place}小区停水已{n}小时", "{place}路灯不亮", "咨询{place}停电计划")),
    (
        "物业管理",
        "housing",
        0.16,
        0.45,
        ("{place}小区电梯故障{n}天未修", "咨询加装电梯政策", "{place}小区停车收费不合理"),
    ),
    ("社会保障", "social_security", 0.12, 0.08, ("咨询医保异地结算", "咨询养老金到账时间", "社保卡补办已等待{n}天")),
    ("教育入学", "education", 0.08, 0.12, ("咨询随迁子女入学材料", "{place}学校周边交通拥堵")),
    ("医疗卫生", "health", 0.07, 0.18, ("{place}医院挂号困难", "咨询家庭医生签约", "{place}社区中心排队{n}分钟")),
    ("其他", "other", 0.05, 0.10, ("咨询政务大厅周末办理事项", "表扬{place}工作人员")),
)
