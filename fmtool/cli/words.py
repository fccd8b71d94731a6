"""What the help pages say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fmtool.text import Text


@dataclass(frozen=True, slots=True)
class CommandWords:
    """One help page: the command in a line, what it does, its parameters, and lines to try."""

    summary: Text
    detail: Text
    parameters: Mapping[str, Text] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


HEADINGS: dict[str, Text] = {
    "usage": Text("使い方", "Usage"),
    "commands": Text("コマンド", "Commands"),
    "arguments": Text("引数", "Arguments"),
    "options": Text("オプション", "Options"),
    "examples": Text("例", "Examples"),
    "some_options": Text("[オプション]", "[OPTIONS]"),
    "a_command": Text("コマンド ...", "COMMAND ..."),
}

HELP_OPTION = Text("この説明を表示する", "Show this page")

EVERYWHERE = Text(
    "共通オプション（-C、--lang、--json）はコマンドの前でも後でも書けます。",
    "The global options -C, --lang and --json may stand before or after the command.",
)

_SCENARIO = Text(
    "fmtool.toml の [scenario.名前] を重ねる。省略時は base",
    "Lay [scenario.NAME] of fmtool.toml over the case; without it, base",
)

_WORKERS = Text(
    "この機械のプロセス数（例 2）か、Daskスケジューラーの場所（例 tcp://10.0.0.5:8786）で並行して行う。省略時は一つずつ",
    "Do it on so many processes of this machine (such as 2), or on the Dask cluster of a scheduler (such as "
    "tcp://10.0.0.5:8786); without it, one after the other",
)

GROUP = CommandWords(
    summary=Text(
        "公共施設のライフサイクルコスト、実行計画、地図を作る",
        "Lifecycle cost, a certified schedule and maps for a city's facilities",
    ),
    detail=Text(
        "作業フォルダー（fmtool.toml のあるフォルダー）の中で実行します。"
        "結果は results/<シナリオ>/ に書かれます。終了コード: 0 完了、1 入力の誤り、2 使い方の誤り、3 計画なし。",
        "Run it inside a workspace, the folder that holds fmtool.toml; results go to results/<scenario>/. "
        "Exit codes: 0 done, 1 bad input, 2 wrong usage, 3 no schedule.",
    ),
    parameters={
        "folder": Text(
            "作業フォルダー。省略時は今のフォルダーから上へ fmtool.toml を探す",
            "The workspace; without it, the nearest folder upwards that holds fmtool.toml",
        ),
        "lang": Text(
            "出力の言語。省略時は fmtool.toml の lang、次に環境変数 LANG",
            "Language of all output; without it, lang of fmtool.toml, then the variable LANG",
        ),
        "as_json": Text("表の代わりにJSONを標準出力へ書く", "Write JSON to standard output instead of tables"),
        "version": Text("版を表示する", "Print the version"),
        "help": HELP_OPTION,
    },
    examples=("fmtool init mycity", "fmtool -C mycity check", "fmtool -C mycity plan"),
)

COMMANDS: dict[str, CommandWords] = {
    "init": CommandWords(
        summary=Text("作業フォルダーを作る", "Make a workspace"),
        detail=Text(
            "見本の都市と、施設台帳のExcelひな形（facilities/buildings-template.xlsx）が入った作業フォルダーを作ります。"
            "空でないフォルダーには何も書きません。",
            "Makes a workspace that holds a sample city, and an Excel template of the ledger "
            "(facilities/buildings-template.xlsx). A folder that is not empty is refused and left as it is.",
        ),
        parameters={
            "target": Text("作るフォルダー", "The folder to make"),
            "sample": Text(
                "見本の都市: toyohashi（豊橋市）、nagareyama（流山市、年度と面積は推定）、seattle（シアトル市、米ドル）",
                "Sample city: toyohashi, nagareyama (years and areas estimated) or seattle (US dollars)",
            ),
        },
        examples=("fmtool init mycity", "fmtool init nagareyama --sample nagareyama"),
    ),
    "import": CommandWords(
        summary=Text("市の台帳から施設台帳を作る", "Make the inventory of a city's own ledgers"),
        detail=Text(
            "CSV、TSV、XLSX、XLS、ODS、GeoPackage、GeoJSON、シェープファイル（ZIP）、PostGISの表（postgresql://…?table=…）を読み、"
            "見出し・単位・和暦・小計・棟ごとの行を見分けて facilities/buildings.csv を書きます。すべての行は採用・統合・除外の"
            "どれかになり、理由とともに facilities/import-report.xlsx に残ります。見出しと用途の対応は facilities/mapping.toml に"
            "書かれ、次の取り込みはそれに従います。複数のファイルは、同じID・名称の施設を一つにし、残りを足します"
            "（値が違えば先のファイルを採ります）。前の台帳は buildings.previous.csv に残ります。",
            "Reads CSV, TSV, XLSX, XLS, ODS, GeoPackage, GeoJSON, a zipped shapefile or a PostGIS table "
            "(postgresql://...?table=...), tells headers, units, Japanese years, subtotals and rows of blocks, and writes "
            "facilities/buildings.csv. Every row ends as used, merged or refused, with its reason in "
            "facilities/import-report.xlsx. What headers and uses were taken for is kept in facilities/mapping.toml, which "
            "the next import obeys. Of several files, facilities of one identifier or name become one and the rest are "
            "added; where values differ the earlier file holds. The inventory before is kept as buildings.previous.csv.",
        ),
        parameters={
            "sources": Text("市の台帳。いくつでも", "Ledgers of the city, one or more"),
            "mapping": Text(
                "従う対応表。省略時は facilities/mapping.toml", "Mapping to obey; without it, facilities/mapping.toml"
            ),
            "sheets": Text(
                "読むシートやレイヤー。何度でも。省略時は施設の一覧とみたもの",
                "Sheet or layer to read, as often as needed; without it, those that list facilities",
            ),
            "dry_run": Text("何も書かずに、読み取った結果だけを示す", "Only show what is understood; write nothing"),
        },
        examples=(
            "fmtool import ledger.xlsx",
            "fmtool import ledger.xlsx costs.csv --dry-run",
            "fmtool import ledger.xlsx --sheet Facilities",
        ),
    ),
    "check": CommandWords(
        summary=Text("作業フォルダー全体を点検する", "Check the whole workspace"),
        detail=Text(
            "設定、前提条件、施設台帳を読み、すべての誤りをファイル・行・列・対処とともに示します。"
            "推定した値、期限の切れた前提、台帳の充足度も示します。誤りがあれば終了コードは1です。",
            "Reads configuration, assumptions and inventory and names every fault with file, row, column and remedy; "
            "then what was guessed, which assumptions are past their end, and how complete the inventory is. "
            "Ends with exit code 1 when there is a fault.",
        ),
        parameters={"scenario": _SCENARIO},
        examples=("fmtool check", "fmtool check --json"),
    ),
    "costs": CommandWords(
        summary=Text("更新費用の見込みを示す", "Show the renewal need before any choice"),
        detail=Text(
            "何も選ばない場合の更新費用を年度別・用途別に示します。replace は30年で大規模改修・60年で建替え、"
            "extend は長寿命化して80年で建替え。表をCSV、図をPNGにも書きます。",
            "Shows the renewal need per year and per use when nothing is chosen: replace renovates at 30 years and "
            "rebuilds at 60, extend lengthens the life to 80. Also writes the table as CSV and the chart as PNG.",
        ),
        parameters={"scenario": _SCENARIO},
        examples=("fmtool costs", "fmtool costs --json"),
    ),
    "curve": CommandWords(
        summary=Text("1施設のライフサイクルコスト曲線を示す", "Show one facility's lifecycle-cost curves"),
        detail=Text(
            "選択肢ごとの累計費用、健全度、等価年間費用を示し、表をCSV、図をPNGにも書きます。",
            "Shows cumulative cost, condition and equivalent annual cost of each alternative; also writes the table as "
            "CSV and the chart as PNG.",
        ),
        parameters={
            "facility_id": Text("施設のID（facilities/buildings.csv の id）", "Id of facilities/buildings.csv"),
            "scenario": _SCENARIO,
        },
        examples=("fmtool curve T001",),
    ),
    "plan": CommandWords(
        summary=Text("検証済みの実行計画を作り、結果をすべて書く", "Make the certified schedule and write all results"),
        detail=Text(
            "予算・配置・工事量などの制約の中で、全期間の費用の現在価値が最小になる計画を求めます。"
            "解は別の検算で確かめてから書きます。制約を満たす計画がなければ、両立しない制約と年度を示します（終了コード3）。",
            "Finds the schedule of least present cost within budget, coverage and capacity for works. A separate check "
            "confirms it before anything is written. When no schedule keeps every limit, names the limits and years "
            "that cannot be met together (exit code 3).",
        ),
        parameters={
            "scenario": _SCENARIO,
            "time_limit_s": Text("求解の制限時間（秒）", "Seconds the solver may take"),
            "gap": Text("許す最適値との差（0.005 は0.5％）", "Gap to the optimum that is good enough; 0.005 is 0.5 %"),
            "solver": Text("ソルバー", "Solver"),
            "method": Text(
                "全体を一つの問題として解くか（whole）、部分に分けて解くか（decompose）。auto は施設数で決める",
                "Solve one whole problem (whole) or part by part (decompose); auto decides by the number of facilities",
            ),
            "from_year": Text(
                "この年度から計画し直す。前の年度は facilities/works.csv（[files] works）の工事だけに固定する",
                "Plan again from this year; the years before it hold the works of facilities/works.csv ([files] works) alone",
            ),
            "stability": Text(
                "--from で、前回の計画から決定が変わる施設ごとに目的関数へ足す額（通貨単位）",
                "With --from, what each facility whose decisions change adds to the objective, in currency units",
            ),
            "workers_at": Text(
                "大きな計画の部分を、この機械のプロセス（例 2）か、Daskスケジューラーの場所（例 tcp://10.0.0.5:8786）で解く。省略時はこの機械で",
                "Solve the parts of a large case on so many processes of this machine (such as 2), or on the Dask cluster of a "
                "scheduler (such as tcp://10.0.0.5:8786); without it, on this machine",
            ),
        },
        examples=(
            "fmtool plan",
            "fmtool plan --scenario tight --time-limit 60",
            "fmtool plan --from 2029 --stability 10000000",
        ),
    ),
    "compare": CommandWords(
        summary=Text("シナリオを並べて比べる", "Put scenarios side by side"),
        detail=Text(
            "計画済みのシナリオを並べ、目的関数値、実質負担、工事費等、最大の年度、最終年度の延床面積、財政指標の最悪年度と、"
            "決定の違う施設を示します。results/compare/ に表（CSV）、図（PNG）、ワークブックを書きます。"
            "名前を省くと results/ にあるすべての計画を比べます。",
            "Shows what planned scenarios come to: objective, own burden, works, dearest year, floor area in the last "
            "year, the ratios in their worst year, and the facilities that they treat differently. Writes tables (CSV), "
            "a chart (PNG) and a workbook to results/compare/. Without names it compares all plans in results/.",
        ),
        parameters={
            "names": Text(
                "シナリオの名前。base は fmtool.toml のままの計画",
                "Names of scenarios; base is fmtool.toml as it stands",
            ),
            "plan_missing": Text("計画のないシナリオは先に作る", "First plan the scenarios that have no plan yet"),
            "workers_at": _WORKERS,
        },
        examples=(
            "fmtool compare",
            "fmtool compare base budget_down --plan",
            "fmtool compare base prices_20 prices_40 --plan --workers 2",
        ),
    ),
    "portfolio": CommandWords(
        summary=Text("多くの都市を計画し、全国の表と地図を作る", "Plan many cities, with one national table and map"),
        detail=Text(
            "各都市の作業フォルダーを fmtool plan と同じように計画し、--out のフォルダーに全国の表（CSV、XLSX）と地図（HTML）を書きます。"
            "計画できない都市は理由とともに1行になり、ほかの都市は続けます。通貨か価格基準年度の違う金額は合計しません。"
            "ソルバーのスレッドは都市ごとに1つで、ワーカーの数で結果は変わりません。",
            "Plans each city's workspace as fmtool plan does, and writes a national table (CSV, XLSX) and map (HTML) to "
            "the folder of --out. A city that cannot be planned becomes a row with its reason; the others go on. Amounts "
            "of different currencies or price years are never added. The solver has one thread a city, so that the number "
            "of workers changes no result.",
        ),
        parameters={
            "folders": Text(
                "都市の作業フォルダー、または作業フォルダーの並ぶフォルダー",
                "Workspaces of cities, or folders whose subfolders are workspaces",
            ),
            "scenario": _SCENARIO,
            "workers_at": _WORKERS,
            "out": Text(
                "全国の表と地図を書くフォルダー。省略時は portfolio",
                "Folder of the national table and map; without it, portfolio",
            ),
            "kept": Text(
                "各都市の results/ に書くもの: full は fmtool plan と同じすべて、light は計画・表・地図だけ、none は何も書かない",
                "What each city's results/ get: full is all that fmtool plan writes, light plan, tables and map, none nothing",
            ),
            "time_limit_s": Text("都市ごとの求解の制限時間（秒）", "Seconds the solver may take for each city"),
            "gap": Text("許す最適値との差（0.005 は0.5％）", "Gap to the optimum that is good enough; 0.005 is 0.5 %"),
        },
        examples=(
            "fmtool portfolio cities/",
            "fmtool portfolio cities/ --workers 4 --results light",
            "fmtool portfolio tsu ise --workers tcp://10.0.0.5:8786 --out mie",
        ),
    ),
    "explain": CommandWords(
        summary=Text(
            "その対策を選んだ理由、その年度に効いている制限を示す", "Say why an action was chosen, or what binds a year"
        ),
        detail=Text(
            "施設のIDを書くと、選んだ対策、次善の対策とその費用差（計画の制限の価格による）、選べない対策とその理由、"
            "何が変われば入れ替わるかを示します。年度を書くと、その年度に費用を上げている制限と、あと少しの余裕で"
            "いくら減るかを示します。",
            "For a facility's id: the action chosen, the next best and what it costs more at the prices of the plan's "
            "limits, the actions not possible and why, and what would flip the choice. For a year: the limits that "
            "raise the cost and what one more of each would save.",
        ),
        parameters={
            "subject": Text("施設のID、または計画の年度", "A facility's id, or a year of the plan"),
            "verify": Text(
                "その年度の予算を増やして実際に解き直し、節減額を予測と並べる（計画2回分の時間がかかる）",
                "Solve again with more budget in that year and print the real saving beside the predicted one "
                "(takes the time of two plans)",
            ),
            "amount": Text(
                "--verify で増やす額（通貨単位）。省略時は100万",
                "What --verify adds, in currency units; without it, 1,000,000",
            ),
            "scenario": _SCENARIO,
        },
        examples=("fmtool explain T001", "fmtool explain 2031", "fmtool explain 2031 --verify --amount 1000000000"),
    ),
    "map": CommandWords(
        summary=Text("結果から地図を描き直す", "Draw the map again from results"),
        detail=Text(
            "results/<シナリオ>/ の計画から map.html を書き直します。計画は解き直しません。"
            "results/ にある他のシナリオの計画と従来型（30年改修・60年建替え）にも、地図の中で切り替えられます。",
            "Writes map.html again from the plan in results/<scenario>/; nothing is solved. The reader can switch to "
            "other scenarios planned in results/, and to replace (renovate at 30, rebuild at 60).",
        ),
        parameters={
            "scenario": _SCENARIO,
            "tiles": Text(
                "背景に選べるオンライン地図（gsi は地理院タイル、osm は OpenStreetMap）。省略時は通信しない。"
                "osm はWebサーバーに置いた頁でだけ表示される",
                "Online map that the reader may choose as background (GSI or OpenStreetMap); without it, no network. "
                "osm shows only in a page on a web server",
            ),
        },
        examples=("fmtool map", "fmtool --lang en map", "fmtool map --tiles gsi"),
    ),
    "report": CommandWords(
        summary=Text("結果から報告書と工程表を作り直す", "Make report and workbook again from results"),
        detail=Text(
            "results/<シナリオ>/ の計画から report.html、report.pdf、cards.html、schedule.xlsx を書き直します。計画は解き直しません。"
            "--slides を付けると、すべての図を日本語と英語のPNGで slides/ に書きます。",
            "Writes report.html, report.pdf, cards.html and schedule.xlsx again from the plan in results/<scenario>/; "
            "nothing is solved. With --slides, also every chart as PNG in Japanese and English, to slides/.",
        ),
        parameters={
            "scenario": _SCENARIO,
            "with_slides": Text("すべての図をPNGでも書く", "Also write every chart as PNG"),
        },
        examples=("fmtool report", "fmtool report --slides"),
    ),
}
