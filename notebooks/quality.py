# %% [markdown]
# # 各部门的数据哪里最弱？ Where are the departments' data weakest?
#
# **问题 Question.** 按 GB/T 36344 的五个维度，哪个部门在哪一维度离满分最远？
# Along five dimensions of GB/T 36344, which department is furthest from full marks, and in which?
#
# **数据 Data.** `marts.kpi_department_quality`（先合计分子与分母，再相除 sums first, then divided）.
# 不可评估的维度留空，既不是0也不是100。 What no rule can assess stays empty: neither 0 nor 100.

# %%
import pandas as pd

from notebooks import drawing, edition

DIMENSIONS = {
    "normative": ("规范性", "Normative"),
    "complete": ("完整性", "Complete"),
    "accurate": ("准确性", "Accurate"),
    "consistent": ("一致性", "Consistent"),
    "timely": ("时效性", "Timely"),
}

# %%
sums = ", ".join(f"sum({name}_{end})::float AS {name}_{end}" for name in DIMENSIONS for end in "nd")
found = edition.ask(
    f"""SELECT department_zh, department_en, sum(landed_rows)::float AS landed,
    sum(quarantined_rows)::float AS quarantined, {sums}
    FROM marts.kpi_department_quality GROUP BY department, department_zh, department_en ORDER BY department"""
)
failing = pd.DataFrame(
    {name: 1e4 * (1 - found[f"{name}_n"] / found[f"{name}_d"].where(found[f"{name}_d"] > 0)) for name in DIMENSIONS}
)
row, name = failing.stack().idxmax()
worst, (dimension_zh, dimension_en) = found.loc[row], DIMENSIONS[name]
share = failing.loc[row, name]

# %%
place = drawing.axes(
    f"最弱的是{worst['department_zh']}的{dimension_zh}：每万项检查有{share:,.0f}项不合格",
    f"Weakest: {worst['department_en']}, {dimension_en.lower()}: {share:,.0f} of 10,000 checks failed",
    f"每万项检查中不合格的项数，空白为不可评估 Failed of 10,000 checks; blank: not assessable · {edition.shown()}",
)
drawing.table(
    place,
    failing,
    [f"{zh} {en}" for zh, en in zip(found["department_zh"], found["department_en"], strict=True)],
    [f"{zh}\n{en}" for zh, en in DIMENSIONS.values()],
)
drawing.show()

# %%
landed, kept_out = found["landed"].sum(), found["quarantined"].sum()
drawing.say(
    f"{worst['department_zh']}的{dimension_zh}最弱：{worst[name + '_d']:,.0f}项检查中每万项有{share:,.1f}项不合格。"
    f"全部{len(found)}个部门交付{landed:,.0f}行，其中{kept_out:,.0f}行（{100 * kept_out / landed:.2f}%）被隔离。",
    f"{worst['department_en']} is weakest in the dimension {dimension_en.lower()}: {share:,.1f} of 10,000 checks "
    f"failed, of {worst[name + '_d']:,.0f} made. All {len(found)} departments delivered {landed:,.0f} rows; "
    f"{kept_out:,.0f} ({100 * kept_out / landed:.2f} %) are in quarantine.",
)
