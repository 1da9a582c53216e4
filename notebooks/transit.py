# %% [markdown]
# # 公交哪里不准点？ Where do departures run late?
#
# **问题 Question.** 上一个月，各区考核站的发车正点率是多少，哪些区的差距不能用偶然解释？
# How punctual were departures in each district in the newest month, and where is the distance to the target
# more than chance?
#
# **数据 Data.** `marts.kpi_cell`: `transit.punctuality`、`transit.unobserved`（可排名 rankable），95 % Wilson.

# %%
from notebooks import drawing, edition

# %%
found = edition.ordered(edition.cells(["transit.punctuality"], "month", "district"))
found = found[found["value"].notna()].reset_index(drop=True)
unseen = edition.cells(["transit.unobserved"], "month", "city").iloc[0]
month = found["period_start"].max()
green, red = found["target_green"].iloc[0], found["target_red"].iloc[0]
late, missed = found[found["light"] == "red"], found[found["high"] < green]

# %%
colours = {"green": drawing.GREEN, "red": drawing.RED, "amber": drawing.ORANGE}
names_zh, names_en = "、".join(missed["area_zh"]) or "没有一个区", ", ".join(missed["area_en"]) or "No district"
place = drawing.axes(
    f"{month.year}年{month.month}月：{names_zh}的正点率低于目标{green:.0f}%",
    f"{month:%B %Y}: {names_en} fell short of the target of {green:.0f} % by more than chance",
    f"考核站发车提前不超过1分钟、晚点不超过5分钟；线为95%区间 Bars: 95 % intervals · {edition.shown()}",
)
drawing.dots(
    place,
    found,
    [drawing.named(cell) for cell in found.to_dict("records")],
    [colours.get(light, drawing.GREY) for light in found["light"]],
)
drawing.limit(place, green, f"目标 target {green:.0f}")
drawing.limit(place, red, f"红灯 red {red:.0f}")
place.set_xlabel("正点率 Punctuality, %")
drawing.show()

# %%
lowest = found.sort_values("value").iloc[0]
drawing.say(
    f"{len(found)}个区中，{len(missed)}个区的区间整体低于目标{green:.0f}%，其中{len(late)}个区低于红灯线{red:.0f}%。"
    f"最低的是{lowest['area_zh']}：{lowest['value']:.1f}%（{lowest['low']:.1f}–{lowest['high']:.1f}%，"
    f"已观测{lowest['d']:,.0f}次发车）。全市另有{unseen['value']:.1f}%的计划发车无人观测，不在其中。",
    f"In {len(missed)} of {len(found)} districts the whole interval lies below the target of {green:.0f} %, in "
    f"{len(late)} below the red line of {red:.0f} %. The lowest is {lowest['area_en']}: {lowest['value']:.1f} % "
    f"({lowest['low']:.1f} to {lowest['high']:.1f} %, {lowest['d']:,.0f} departures observed). Another "
    f"{unseen['value']:.1f} % of the city's planned departures nobody observed; they are in no figure here.",
)
