"""A ledger as a district's finance bureau keeps it: 72 projects of 12 departments, in Chinese, made up."""

import io
import random
from pathlib import Path

import openpyxl
import pandas as pd

DEPARTMENTS = ("教育局", "卫生健康局", "民政局", "住房和建设局", "交通运输局", "水利局", "农业农村局", "文化和旅游局",
               "生态环境局", "人力资源和社会保障局", "应急管理局", "科学技术局")  # fmt: skip
KINDS = ("设备购置", "房屋修缮", "信息系统运维", "专项补助", "公共服务购买", "基础设施建设")
LEVELS = (("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"), ("效益指标", "社会效益"), ("满意度指标", "服务对象满意度"))  # fmt: skip


def ledger(
    months: int = 12, *, year_ends: bool = True, seed: int = 7, size: int = 72
) -> dict[str, pd.DataFrame]:
    """Sheets by their Chinese names, without district and year, amounts in 万元; progress up to month `months`."""
    draw = random.Random(seed)
    projects, progress, indicators, evaluations, findings = [], [], [], [], []
    for at in range(size):
        department, kind = DEPARTMENTS[at % 12], KINDS[at // 12]
        code, budget = f"P{at + 1:03d}", round(draw.uniform(20, 900), 2)
        pace, end = draw.choice((0.6, 1.0, 1.3)), draw.choice((0.42, 0.85, 0.95, 1.0))
        spent = [round(budget * end * min(1, (month / 12) ** (1 / pace)), 2) for month in range(1, 13)]
        spent = [0.0] * 12 if at == 40 else spent
        last = spent[11 if year_ends else months - 1]
        projects.append(
            (
                code,
                f"{department[:2]}{kind}项目",
                department,
                f"{department}机关",
                "特定目标类",
                "否",
                budget,
                budget,
                last,
            )
        )
        progress += [
            (month, code, budget, spent[month - 1], round(min(1, month / 12 * pace), 3))
            for month in range(1, months + 1)
        ]
        for number, (level1, level2) in enumerate(LEVELS, 1):
            target = draw.choice((90, 95, 100, 50))
            indicators.append(
                (code, f"{number}", level1, level2, f"{level2}{number}", "%", "≥", target, target, 18)
            )
        evaluations.append((code, "自评", f"{department}机关", "已通过", round(88 + 12 * draw.random(), 2)))
        if at % 9 == 0:
            findings.append(
                (
                    f"F{at:03d}",
                    code,
                    "财政",
                    "资金闲置",
                    "一般",
                    round(budget / 10, 2),
                    f"2023-0{1 + at % 5}-15",
                    "2023-09-30",
                    "未整改",
                    department,
                )
            )
    return {
        "项目": pd.DataFrame(projects, columns=["项目代码", "项目名称", "主管部门", "实施单位", "支出性质", "是否新增", "年初预算数（万元）", "全年预算数（万元）", "全年执行数（万元）"]),
        "执行进度": pd.DataFrame(progress, columns=["月份", "项目代码", "当月预算数（万元）", "累计执行数（万元）", "目标完成进度"]),
        "绩效指标": pd.DataFrame(indicators, columns=["对象代码", "指标编号", "一级指标", "二级指标", "指标名称", "计量单位", "方向", "目标值", "完成值", "权重"]),
        "绩效评价": pd.DataFrame(evaluations, columns=["对象代码", "评价种类", "评价主体", "状态", "得分"]),
        "问题": pd.DataFrame(findings, columns=["问题编号", "对象代码", "来源", "问题类型", "严重程度", "涉及金额（万元）", "发现日期", "整改期限", "整改状态", "责任单位"]),
    }  # fmt: skip


def write_ledger(path: Path, months: int = 12, **options) -> Path:
    """The ledger as a workbook at `path`, as the template would be filled in."""
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for name, frame in ledger(months, **options).items():
            frame.to_excel(book, sheet_name=name, index=False)
    return path


def fill_list(source: bytes | Path, target: Path, cells: dict) -> None:
    """The list `source` as a department fills it in: {(head, row): value} below the heads of row 4."""
    book = openpyxl.load_workbook(io.BytesIO(source) if isinstance(source, bytes) else source)
    sheet = book.worksheets[0]
    heads = {c.value: c.column for c in sheet[4]}
    for (head, row), value in cells.items():
        sheet.cell(4 + row, heads[head]).value = value
    book.save(target)
