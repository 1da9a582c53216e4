# %% [markdown]
# # 诉求人到底满意吗？ How satisfied are callers really?
#
# **问题 Question.** 回访没有接通的人会把满意率改变多少？
# By how much could those whom the callback did not reach change what we say of satisfaction?
#
# **数据 Data.** `marts.kpi_cell`: `hotline.satisfied`（可排名 rankable，95 % Wilson）、`hotline.satisfied_at_least`、
# `hotline.satisfied_at_most`.

# %%
from notebooks import drawing, edition

# %%
found = edition.ordered(edition.cells(["hotline.satisfied"], "month", "district"))
found = found[found["value"].notna()].reset_index(drop=True)
bounds = edition.cells(["hotline.satisfied_at_least", "hotline.satisfied_at_most"], "month", "district")
bounds = bounds.pivot(index="area_code", columns="indicator_id", values="value")
city = edition.cells(["hotline.satisfied", "hotline.satisfied_at_least", "hotline.satisfied_at_most"], "month", "city")
said, least, most = (
    city[city["indicator_id"] == f"hotline.{name}"].iloc[0]
    for name in ("satisfied", "satisfied_at_least", "satisfied_at_most")
)
green = found["target_green"].iloc[0]

# %%
place = drawing.axes(
    f"接通的人中{said['value']:.0f}%满意；算上没接通的，只知道在{least['value']:.0f}%与{most['value']:.0f}%之间",
    f"{said['value']:.0f} % of those reached are satisfied; of all callers it may be {least['value']:.0f} to "
    f"{most['value']:.0f} %",
    f"线为95%区间；浅色带为未接通者全不满意至全满意 Band: those not reached all dissatisfied to all satisfied · "
    f"{edition.shown()}",
)
for row, cell in found.iterrows():
    low, high = bounds.loc[cell["area_code"]]
    place.barh(row, high - low, left=low, color=drawing.PALE, height=0.5)
drawing.dots(place, found, [drawing.named(cell) for cell in found.to_dict("records")], [drawing.BLUE] * len(found))
drawing.limit(place, green, f"目标 target {green:.0f}")
place.set_xlabel("满意率 Satisfied, %")
drawing.show()

# %%
above = found[found["low"] >= green]
certain = [code for code in found["area_code"] if bounds.loc[code].min() >= green]
drawing.say(
    f"全市接通并作答的人中{said['value']:.1f}%满意（{said['low']:.1f}–{said['high']:.1f}%）。"
    f"{len(found)}个区中{len(above)}个区的区间整体达到目标{green:.0f}%；若未接通者全不满意，则有{len(certain)}个区仍达到。"
    f"满意率的好坏，首先取决于没有接通的人。",
    f"Of those who answered in the city {said['value']:.1f} % are satisfied ({said['low']:.1f} to {said['high']:.1f} "
    f"%). In {len(above)} of {len(found)} districts the whole interval reaches the target of {green:.0f} %; were "
    f"nobody satisfied whom the callback did not reach, {len(certain)} would still reach it.",
)
