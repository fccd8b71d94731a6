"""The words of the field: actions and the thirteen uses of the ministry's tool.

Codes are what files, JSON and code carry; the names are what people read.
"""

from __future__ import annotations

from fmtool.text import Text

ACTIONS: dict[str, Text] = {
    "keep": Text("現状維持", "Keep"),
    "repair": Text("中規模修繕", "Repair"),
    "renovate": Text("大規模改修", "Renovate"),
    "extend": Text("長寿命化改修", "Extend life"),
    "rebuild": Text("建替え", "Rebuild"),
    "rebuild_smaller": Text("減築建替え", "Rebuild smaller"),
    "retrofit": Text("耐震改修", "Seismic retrofit"),
    "merge": Text("集約・複合化", "Merge into host"),
    "convert": Text("転用", "Convert"),
    "lease": Text("貸付", "Lease out"),
    "sell": Text("売却", "Sell"),
    "demolish": Text("除却", "Demolish"),
}
"""Action code to its names. The order is the order of legends and columns."""

USES: dict[str, Text] = {
    "civic_culture": Text("市民文化系施設", "Civic and cultural"),
    "social_education": Text("社会教育系施設", "Social education"),
    "sports_recreation": Text("スポーツ・レクリエーション系施設", "Sports and recreation"),
    "industry": Text("産業系施設", "Industry"),
    "school": Text("学校教育系施設", "School education"),
    "childcare": Text("子育て支援施設", "Childcare"),
    "health_welfare": Text("保健・福祉施設", "Health and welfare"),
    "medical": Text("医療施設", "Medical"),
    "administration": Text("行政系施設", "Administration"),
    "housing": Text("公営住宅", "Public housing"),
    "park": Text("公園", "Parks"),
    "supply_processing": Text("供給処理施設", "Supply and processing"),
    "other": Text("その他", "Other"),
}
"""Use code to its names, in the order of 総務省 公共施設等更新費用試算ソフト."""

FINANCE_KEYS: dict[str, Text] = {
    "general_funds": Text("施設に充てる一般財源", "General funds for facilities"),
    "standard_fiscal_size": Text("標準財政規模", "Standard fiscal size"),
    "budget_size": Text("予算規模", "Budget size"),
    "debt_service": Text("元利償還金・準元利償還金", "Debt service of today's debt"),
    "specific_revenue": Text("特定財源", "Earmarked revenue for debt service"),
    "grant_in_need": Text("基準財政需要額算入額", "Debt service counted in standard need"),
    "outstanding": Text("地方債現在高", "Bonds outstanding"),
    "other_burden": Text("その他の将来負担額", "Other future burden"),
    "other_funds": Text("充当可能基金", "Funds against the burden, without the facilities fund"),
    "expected_specific_revenue": Text("特定財源見込額", "Expected earmarked revenue"),
    "expected_grants": Text("基準財政需要額算入見込額", "Expected tax grants on debt"),
    "debt_service_ratio": Text("実質公債費比率（単年度）", "Real debt service ratio, single year"),
}
"""Key of a row of ``facilities/finance.csv`` to its names."""
