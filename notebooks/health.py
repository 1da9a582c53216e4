# %% [markdown]
# # 哪里的病床紧张？ Where are beds short?
#
# **问题 Question.** 各医院最近一个月的病床使用率是多少，有没有超过开放床位的日子？
# How full was each hospital in the newest month, and were there days with more patients than beds?
#
# **数据 Data.** `marts.kpi_health_org_day`；`marts.kpi_cell`: `health.occupancy`（登记册不给区间 without an interval in
# the register）. 内部指标，按区划编码排列，不排名。 An internal indicator: in the order of district codes, not ranked.

# %%
from notebooks import drawing, edition

LEVELS = {
    "tertiary": ("三级", drawing.BLUE),
    "secondary": ("二级", drawing.ORANGE),
    "": ("级别不详", drawing.GREY),
}

# %%
city = edition.cells(["health.occupancy"], "month", "city").iloc[0]
days = edition.ask(
    """SELECT o.report_date, o.org_zh, coalesce(o.org_level, '') AS org_level,
    coalesce(o.district_code, '~') AS district_code, coalesce(a.area_en, '') AS area_en,
    100 * o.bed_days_occupied::float / o.bed_days_open AS occupancy, o.bed_days_open::float AS beds
    FROM marts.kpi_health_org_day AS o LEFT JOIN marts.dim_area AS a ON a.area_code = o.district_code
    WHERE o.bed_days_open > 0 AND o.report_date BETWEEN %s AND %s""",
    [city["period_start"], city["period_end"]],
)
days["patients"] = days["occupancy"] * days["beds"]
found = days.groupby(["district_code", "org_zh", "org_level", "area_en"], as_index=False).agg(
    lowest=("occupancy", "min"), highest=("occupancy", "max"), patients=("patients", "sum"), beds=("beds", "sum")
)
found["value"] = found["patients"] / found["beds"]
found = found.sort_values(["district_code", "org_level", "org_zh"], ignore_index=True)
over = days[days["occupancy"] > 100]
count, hospital_days = days["report_date"].nunique(), len(days)

# %%
place = drawing.axes(
    f"全市病床使用率{city['value']:.0f}%；{hospital_days}个院日中{len(over)}个超过开放床位",
    f"{city['value']:.0f} % of the city's beds are taken; {len(over)} of {hospital_days} hospital days were over-full",
    f"点为{count}天合计，线为最低至最高日 Dot: {count} days together; line: lowest to highest day · {edition.shown()}",
    height=5.6,
)
for level, (level_zh, colour) in LEVELS.items():
    some = found[found["org_level"] == level]
    if some.empty:
        continue
    place.hlines(some.index, some["lowest"], some["highest"], color=colour, linewidth=2.2)
    place.plot(some["value"], some.index, "o", color=colour, label=f"{level_zh} {level or 'unknown'}")
place.set_yticks(found.index, [f"{name} {area}" for name, area in zip(found["org_zh"], found["area_en"], strict=True)])
place.invert_yaxis()
drawing.limit(place, 100, "满床 full")
place.set_xlabel("病床使用率 Bed occupancy, %")
drawing.legend(place)
drawing.show()

# %%
top = days.loc[days["occupancy"].idxmax()]
drawing.say(
    f"{count}天里全市病床使用率{city['value']:.1f}%（{city['n']:,.0f}／{city['d']:,.0f}床日）。单院单日最高"
    f"{top['occupancy']:.1f}%（{top['report_date']:%m-%d}）。{hospital_days}个院日中{len(over)}个超过开放床位。"
    f"超过100%不是错误：加床也收治病人。",
    f"Over {count} days {city['value']:.1f} % of the city's beds were taken ({city['n']:,.0f} of {city['d']:,.0f} "
    f"bed-days). The fullest day of any hospital was {top['occupancy']:.1f} % ({top['report_date']:%m-%d}); "
    f"{len(over)} of {hospital_days} hospital days had more patients than beds. Above 100 % is no error: there are "
    f"extra beds.",
)
