# %% [markdown]
# # 好评有多少是群众自己给的？ How much of the praise do people give themselves?
#
# **问题 Question.** 办结的事项中，多少得到群众主动评价，多少是系统默认好评？
# Of the cases that were finished, how many did people rate of their own accord, and how many were rated by default?
#
# **数据 Data.** `marts.kpi_services_rating_month`；`marts.kpi_cell`: `services.good_rating`，95 % Wilson.
# 主动评价与默认好评为内部指标，各区按编码排列，不排名。 Internal indicators: districts by code, not ranked.

# %%
from notebooks import drawing, edition

# %%
good = edition.cells(["services.good_rating"], "month", "city").iloc[0]
found = edition.ask(
    """SELECT r.district_code, a.area_zh, a.area_en, sum(finished)::float AS finished, sum(good_n)::float AS good,
    sum(voluntary_n - good_n)::float AS other, sum(default_n)::float AS given
    FROM marts.kpi_services_rating_month AS r JOIN marts.dim_area AS a ON a.area_code = r.district_code
    WHERE r.month = %s GROUP BY r.district_code, a.area_zh, a.area_en ORDER BY r.district_code""",
    [good["period_start"]],
)
total = found[["finished", "good", "other", "given"]].sum()
own, given = (100 * part / total["finished"] for part in (total["good"] + total["other"], total["given"]))
with_default = 100 * (total["good"] + total["given"]) / (total["good"] + total["other"] + total["given"])

# %%
place = drawing.axes(
    f"每100件办结中，群众主动评价{own:.0f}件，默认好评{given:.0f}件",
    f"Of 100 finished cases people rated {own:.0f} themselves; {given:.0f} were rated good by default",
    f"{good['period_start']:%Y-%m}，按区划编码排列 Districts in the order of their codes · {edition.shown()}",
)
parts = (
    ("good", "主动好评 Good, own accord", drawing.BLUE),
    ("other", "主动评价为其他 Not good, own accord", drawing.ORANGE),
    ("given", "默认好评 By default", drawing.PALE),
)
labels = [drawing.named(cell) for cell in found.to_dict("records")]
left = 0 * found["finished"]
for column, label, colour in parts:
    width = 100 * found[column] / found["finished"]
    place.barh(labels, width, left=left, color=colour, label=label, height=0.66)
    left = left + width
place.invert_yaxis()
place.set_xlim(0, 100)
place.set_xlabel("占办结件 Share of finished cases, %（其余未评价 the rest is not rated）")
drawing.legend(place)
drawing.show()

# %%
drawing.say(
    f"{total['finished']:,.0f}件办结中，主动评价占{own:.1f}%，默认好评占{given:.1f}%。"
    f"只算主动评价，好评率为{good['value']:.1f}%（{good['low']:.1f}–{good['high']:.1f}%）；"
    f"若把默认好评算入，会变成{with_default:.1f}%。",
    f"Of {total['finished']:,.0f} finished cases, {own:.1f} % were rated by people themselves and {given:.1f} % by "
    f"default. Among people's own ratings {good['value']:.1f} % are good ({good['low']:.1f} to {good['high']:.1f} %); "
    f"with those given by default it would read {with_default:.1f} %.",
)
