# %% [markdown]
# # 警力十分钟内到得了吗，我们知道多少？ Do units arrive within ten minutes, and how much of it is known?
#
# **问题 Question.** 全市每天的限时到达率是多少？未登记的到达会把它改变多少？
# What share of units arrives in time, day by day, and by how much could arrivals that nobody noted change it?
#
# **数据 Data.** `marts.kpi_cell`: `safety.arrival_in_time`，95 % Wilson；`marts.kpi_safety_response_day`.
# 仅供监测：只看全市，不排名，不设目标。 To watch only: the whole city, no ranking, no target.

# %%
from notebooks import drawing, edition

# %%
days = edition.cells(["safety.arrival_in_time"], "day", "city", latest=False)
assert (days["use_policy"] == "monitor_only").all() and not days["is_rankable"].any()
sums = edition.ask(
    """SELECT dispatched_date AS period_start, sum(responses)::float AS responses, sum(arrivals)::float AS arrivals,
    sum(in_time_n)::float AS in_time FROM marts.kpi_safety_response_day GROUP BY dispatched_date"""
)
days = days.merge(sums, on="period_start")
days["least"] = 100 * days["in_time"] / days["responses"]
days["most"] = 100 * (days["in_time"] + days["responses"] - days["arrivals"]) / days["responses"]
total = days[["in_time", "arrivals", "responses"]].sum()
share, unknown = 100 * total["in_time"] / total["arrivals"], 100 * (1 - total["arrivals"] / total["responses"])

# %%
place = drawing.axes(
    f"已知的到达中{share:.0f}%在十分钟内；另有{unknown:.0f}%没有登记",
    f"{share:.0f} % of known arrivals came within ten minutes; {unknown:.0f} % were not noted",
    f"全市，仅供监测 The whole city, to watch only · 线为95%区间 Lines: 95 % intervals · {edition.shown()}",
)
at = range(len(days))
place.bar(
    at, days["most"] - days["least"], bottom=days["least"], width=0.5, color=drawing.PALE,
    label="未登记的全迟至全及时 Unknown: all late to all in time",
)  # fmt: skip
place.vlines(at, days["low"], days["high"], color=drawing.BLUE, linewidth=2.2)
place.plot(at, days["value"], "o", color=drawing.BLUE, label="已知的到达 Known arrivals")
place.set_xticks(at, [f"{day:%m-%d}" for day in days["period_start"]])
place.set_ylabel("限时到达率 Arrivals in time, %")
place.margins(x=0.1, y=0.1)
drawing.legend(place)
drawing.show()

# %%
least, most = (
    100 * total["in_time"] / total["responses"],
    100 - 100 * (total["arrivals"] - total["in_time"]) / total["responses"],
)
odd = days[(days["low"] > share) | (days["high"] < share)]
drawing.say(
    f"{len(days)}天、{total['responses']:,.0f}次出警：已知到达中{share:.1f}%在十分钟内。未登记到达占{unknown:.1f}%，"
    f"若全部算迟，为{least:.1f}%；若全部算及时，为{most:.1f}%。真值在两者之间。与合计相比，{len(odd)}天的差别不能用偶然解释。",
    f"Over {len(days)} days and {total['responses']:,.0f} responses, {share:.1f} % of known arrivals came within ten "
    f"minutes. {unknown:.1f} % of arrivals were not noted: had all of them been late it would be {least:.1f} %, all in "
    f"time {most:.1f} %. The truth lies between. {len(odd)} days differ from the whole by more than chance.",
)
