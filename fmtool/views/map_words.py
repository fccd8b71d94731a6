"""Every word of the map page, in both languages; ``{x}`` is filled in by the page."""

from __future__ import annotations

from fmtool.text import Text

WORDS: dict[str, Text] = {
    # header
    "plan_of": Text("個別施設計画 {from}–{to}年度", "Facility plan FY{from}–{to}"),
    "kpi_outlay": Text("事業費", "Works cost"),
    "kpi_total": Text("累計", "To date"),
    "kpi_open": Text("供用中の施設", "Facilities open"),
    "kpi_floor": Text("延床面積", "Floor area"),
    "kpi_condition": Text("平均健全度", "Mean condition"),
    "kpi_filtered": Text("絞り込み中", "Filtered"),
    "print": Text("印刷", "Print"),
    "csv": Text("CSV保存", "Save CSV"),
    "other_language": Text("English", "日本語"),
    "other_language_label": Text("Switch to English", "日本語に切り替える"),
    # timeline
    "timeline": Text("年度", "Year"),
    "previous_year": Text("前年", "Previous"),
    "next_year": Text("翌年", "Next"),
    "play": Text("再生", "Play"),
    "pause": Text("停止", "Pause"),
    "year_slider": Text("表示する年度", "Year shown"),
    "bars_title": Text("年度別事業費（{unit}）", "Works cost by year ({unit})"),
    "bars_label": Text(
        "対策別の年度別事業費の棒グラフ。年度は下のスライダーで選べます。",
        "Bars of works cost by year and action. Choose the year with the slider below.",
    ),
    "line_budget": Text("予算額", "Budget"),
    "line_replace": Text("従来型（全て建替え）の必要額", "Need if all are rebuilt (replace)"),
    "income": Text("貸付・売却収入", "Lease and sale income"),
    "beyond": Text("枠外 最大{amount}", "off scale, up to {amount}"),
    "unit_oku": Text("億円", "JPY 100 million"),
    "unit_million": Text("百万円", "{currency} million"),
    # panel
    "search": Text("施設名で検索", "Search by name"),
    "search_hint": Text("例: 保育", "e.g. school"),
    "search_found": Text("{n}件見つかりました", "{n} found"),
    "search_none": Text("該当する施設はありません", "No facility found"),
    "search_clear": Text("検索語を消す", "Clear the search"),
    "filters": Text("絞り込み", "Filters"),
    "use": Text("用途", "Use"),
    "decision": Text("対策", "Action"),
    "district": Text("地区", "District"),
    "all": Text("すべて", "All"),
    "no_district": Text("地区なし", "No district"),
    "reset": Text("絞り込みを解除", "Clear filters"),
    "colour_by": Text("色分け", "Colour by"),
    "colour_action": Text("対策", "Action"),
    "colour_condition": Text("健全度", "Condition"),
    "tab_year": Text("この年度の動き", "This year"),
    "tab_all": Text("全施設", "All facilities"),
    "lists": Text("施設の一覧", "Lists of facilities"),
    "year_events": Text("{year}：{n}件", "{year}: {n} actions"),
    "year_none": Text("この年度に始まる・続く対策はありません。", "No action begins or continues this year."),
    "continues": Text("継続", "continues"),
    "more": Text("さらに{n}件を表示", "Show {n} more"),
    "shown_of": Text("{n}施設（全{all}施設中）", "{n} of {all} facilities"),
    "unlocated": Text("位置が分からない施設（{n}）", "Facilities without a position ({n})"),
    "unlocated_note": Text(
        "地図には出ませんが、費用と集計には含みます。", "Not on the map, but in all costs and totals."
    ),
    "uncosted": Text("費用を計算していない施設（{n}）", "Facilities not costed ({n})"),
    # legend
    "legend": Text("凡例", "Legend"),
    "legend_before": Text("対策前（現状）", "Before any action"),
    "legend_size": Text("大きさ＝延床面積", "Size = floor area"),
    "legend_now": Text("この年度に工事・実施（黒枠）", "Under way this year (black ring)"),
    "legend_closed": Text("廃止済み（中抜き）", "Closed (outline only)"),
    "legend_arrow": Text("集約先への移転", "Moved to its host"),
    "legend_uncosted": Text("費用を計算していない", "Not costed"),
    "legend_unknown": Text("健全度の値なし", "No condition value"),
    "legend_stacked": Text("同じ地点の施設は少しずらして表示", "Facilities at one point are drawn side by side"),
    "condition_class": Text("{from}–{to}", "{from}–{to}"),
    "condition_best": Text("（良い）", " (good)"),
    "condition_worst": Text("（悪い）", " (poor)"),
    # map
    "map": Text("施設の地図", "Map of facilities"),
    "zoom_in": Text("拡大", "Zoom in"),
    "zoom_out": Text("縮小", "Zoom out"),
    "fit": Text("全体を表示", "Show all"),
    "base_map": Text("背景", "Base map"),
    "base_plain": Text("白地図（通信なし）", "Built-in (no network)"),
    "base_tiles": Text("地理院タイル（要通信）", "GSI tiles (network)"),
    "tiles_failed": Text(
        "地理院タイルを読めません（通信なし）。白地図を表示します。",
        "GSI tiles cannot be read (no network). The built-in map is shown.",
    ),
    "approximate_districts": Text("地区の境界は近似です", "District borders are approximate"),
    # card
    "card": Text("施設の詳細", "Facility details"),
    "close": Text("閉じる", "Close"),
    "locate": Text("地図で見る", "Show on map"),
    "state_in": Text("{year}の状態", "State in {year}"),
    "condition": Text("健全度", "Condition"),
    "built": Text("建築年度", "Built"),
    "structure": Text("構造", "Structure"),
    "floor_area": Text("延床面積", "Floor area"),
    "service": Text("施設分類", "Class"),
    "facility_id": Text("施設番号", "ID"),
    "approximate": Text("位置はおおよそ（誤差の目安 ±{m} m）", "Approximate position (within about {m} m)"),
    "no_position": Text("位置の記録がありません", "No position on record"),
    "life_plan": Text("計画の内容", "Life plan"),
    "reason": Text("この計画にした理由", "Why this plan"),
    "not_costed": Text("費用を計算していない理由", "Why it is not costed"),
    "when": Text("年度", "Fiscal year"),
    "what": Text("対策", "Action"),
    "cost": Text("費用", "Cost"),
    "total": Text("合計", "Total"),
    "no_events": Text("計画期間中に大きな工事はありません。", "No major works within the plan."),
    "host": Text("集約先", "Host"),
    "guests": Text("受け入れる施設", "Receives"),
    "same_place": Text("同じ地点の施設", "Also at this point"),
    "curves": Text("ライフサイクルコストの比較（累計・{unit}）", "Lifecycle cost (cumulative, {unit})"),
    "curves_label": Text(
        "{name}の累計費用の折れ線。{end}までの累計: {list}",
        "Cumulative cost of {name}. By {end}: {list}",
    ),
    "by_end": Text("{end}までの累計", "Total by {end}"),
    "condition_path": Text("健全度の推移（本計画）", "Condition under this plan"),
    "condition_label": Text("{name}の健全度の折れ線（0–100）", "Condition of {name} by year (0–100)"),
    "curve_plan": Text("本計画", "This plan"),
    "curve_keep": Text("対策なし", "No works"),
    "curve_replace": Text("従来型（30年改修・60年建替え）", "Replace (renovate at 30, rebuild at 60)"),
    "curve_extend": Text("長寿命化型（80年建替え）", "Extend (long life, rebuild at 80)"),
    # footer
    "price_year": Text("{year}年価格", "{year} prices"),
    "discount": Text("割引率{rate}%", "discount rate {rate}%"),
    "gap": Text("最適解との差 {gap}%以内", "within {gap}% of the best possible"),
    "offline": Text("この頁は通信しません", "This page uses no network"),
    "online": Text("背景に地理院タイルを選んだときだけ通信します", "Uses the network only if GSI tiles are chosen"),
    "scenario": Text("シナリオ", "Scenario"),
    "made_by": Text("fmtool 作成", "made with fmtool"),
    "sources": Text("出典", "Sources"),
    "print_events": Text("{year}の対策", "Actions of {year}"),
    # file of actions
    "csv_id": Text("施設番号", "facility_id"),
    "csv_name": Text("施設名", "name"),
    "csv_start": Text("開始年度", "start_year"),
    "csv_end": Text("終了年度", "end_year"),
    "csv_cost": Text("費用（{currency}）", "cost_{currency}"),
    "csv_file": Text("対策一覧.csv", "actions.csv"),
}
"""Key of the page to its words; the same placeholders stand in both languages."""

NOTICE_TITLE = Text("地図を表示できませんでした", "The map could not be shown")
NOTICE_BODY = Text(
    "この頁の地図はスクリプトで描きます。ファイルの無害化などで取り除かれた場合は、下の表、schedule.xlsx、"
    "report.html をご覧ください。",
    "The map on this page is drawn by a script. If a file sanitiser has removed it, see the table below, "
    "schedule.xlsx and report.html.",
)
NOTICE_YEAR = Text("年度", "Fiscal year")
NOTICE_OUTLAY = Text("事業費（百万円）", "Works cost (million)")
NOTICE_BUDGET = Text("予算額（百万円）", "Budget (million)")
NOTICE_ACTIONS = Text("この年度に始まる対策", "Actions that begin")
