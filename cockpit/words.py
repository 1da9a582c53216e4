"""Words and colours that charts use of themselves, beside those that the spec gives them."""

# A trend's lines; what may stand in one chart of a page has the same colour in all.
TREND = {
    "zh": {"value": "数值", "provisional": "暂定", "low": "区间下限", "high": "区间上限", "target": "目标"},
    "en": {"value": "Value", "provisional": "Provisional", "low": "Low", "high": "High", "target": "Target"},
}
TREND_COLOURS = {
    "value": "#1B5EA8",
    "provisional": "#E0A030",
    "low": "#B4C9E3",
    "high": "#B4C9E3",
    "target": "#3C9A6B",
}
# In pictures: what is provisional, where green ends and red begins, what white means, and what is not known.
DRAWN = {
    "zh": {
        "provisional": "（暂定）",
        "green": "目标",
        "red": "警戒",
        "unsure": "白色：区间跨过界限，不下判断",
        "none": "—",
    },
    "en": {
        "provisional": " (provisional)",
        "green": "target",
        "red": "alert",
        "unsure": "White: the interval holds a limit, no judgement",
        "none": "—",
    },
}
