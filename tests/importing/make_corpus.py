"""Make the files of ``corpus/``: ledgers as ugly as those that cities have.

Run as ``python tests/importing/make_corpus.py``. The files are kept in the repository, so that
the tests read bytes that no library of today has just written; what each must give stands beside
it, in ``<name>.expected.csv``, written by hand. XLS needs the package xlwt.
"""

# ruff: noqa: ISC004, Q003, PLR0915  - tables of text, one file an entry

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import xlsxwriter

CORPUS = Path(__file__).parent / "corpus"

HEAD = "施設番号,施設名,用途分類,建築年度,延床面積（㎡）,構造,階数\n"
ROWS = """\
101,中央図書館,社会教育系施設,1981,2450.5,RC,3
102,第一小学校,学校教育系施設,1970,6120,RC,4
103,東公民館,市民文化系施設,1992,480.25,S,2
104,西保育所,子育て支援施設,1978,612,W,1
"""
PLAIN = HEAD + ROWS

TEXTS: dict[str, tuple[str, str]] = {
    # encodings and line ends
    "utf8.csv": ("utf-8", PLAIN),
    "utf8_bom.csv": ("utf-8-sig", PLAIN.replace("\n", "\r\n")),
    "cp932.csv": ("cp932", PLAIN.replace("中央図書館", "髙﨑図書館①").replace("\n", "\r\n")),
    "utf16_tabs.txt": ("utf-16", PLAIN.replace(",", "\t").replace("\n", "\r\n")),
    "utf16_big_endian.csv": ("utf-16-be", "\ufeff" + PLAIN),
    "old_mac_line_ends.csv": ("utf-8", PLAIN.replace("\n", "\r")),
    "no_last_line_end.csv": ("cp932", PLAIN.rstrip("\n")),
    # delimiters and quotes
    "semicolons.csv": ("utf-8", PLAIN.replace(",", ";")),
    "tabs.tsv": ("utf-8", PLAIN.replace(",", "\t")),
    "tabs_named_csv.csv": ("cp932", PLAIN.replace(",", "\t")),
    "quotes_and_breaks.csv": (
        "utf-8",
        '"施設番号","施設名","用途\n分類","建築年度","延床\n面積（㎡）","備考"\n'
        '"101","中央\n図書館","社会教育系施設","1981","2,450.5","本館, 別館"\n'
        '"102","第一""中央""小学校","学校教育系施設","1970","6,120",""\n',
    ),
    "empty_edges.csv": (
        "utf-8",
        ",,,,,,,,,\n,,施設番号,施設名,,用途分類,建築年度,延床面積,,\n,,,,,,,,,\n"
        ",,101,中央図書館,,社会教育系施設,1981,2450.5,,\n,,,,,,,,,\n"
        ",,102,第一小学校,,学校教育系施設,1970,6120,,\n,,,,,,,,,\n,,,,,,,,,\n",
    ),
    # titles, headers, notes
    "title_lines.csv": (
        "cp932",
        "公共施設一覧表,,,,,,\n令和5年4月1日現在,,,,,,\n,,,,,財政部管財課,\n,,,,,,\n" + PLAIN
        + "※1 延床面積は附属建物を含む。,,,,,,\n※2 休止中の施設を除く。,,,,,,\n",
    ),
    "two_line_header.csv": (
        "utf-8",
        "番号,施設,,建物,,,\n,名称,用途分類,建築年度,延床面積(㎡),構造,階数\n" + ROWS,
    ),
    "number_line_under_header.csv": ("utf-8", HEAD + "(1),(2),(3),(4),(5),(6),(7)\n" + ROWS),
    "synonyms.csv": (
        "utf-8",
        "財産番号,施設の名称,施設類型,建設年,延べ床面積,主体構造,地上階数,敷地面積(m2),年間維持管理コスト(円),年間利用者数(人),北緯,東経\n"
        "A-001,中央図書館,社会教育系施設,1981,2450.5,鉄筋コンクリート造,3,5200,48200000,120345,35.8561,139.9021\n"
        "A-002,第一小学校,学校教育系施設,1970,6120,鉄筋コンクリート造,4,21000,31500000,512,35.8602,139.9105\n",
    ),
    "english_square_feet.csv": (
        "utf-8",
        "Asset ID,Building Name,Use,Year Built,Gross Floor Area (sq ft),Storeys,Latitude,Longitude\n"
        "B1,Central Library,Social education,1981,\"26,377\",3,47.6067,-122.3325\n"
        "B2,First Elementary School,School education,1970,\"65,875\",4,47.6101,-122.3421\n",
    ),
    "unused_columns.csv": (
        "utf-8",
        "No.,施設名,電話番号,FAX,用途分類,開館時間,休館日,建築年度,エレベーター,延床面積,AED,URL\n"
        "1,中央図書館,04-7000-0001,,社会教育系施設,9:00～17:00,月曜,1981,有,2450.5,1,https://example.com/a\n"
        "2,第一小学校,04-7000-0002,,学校教育系施設,,,1970,無,6120,1,https://example.com/b\n",
    ),
    "repeated_header.csv": ("utf-8", HEAD + ROWS.replace("103,", HEAD + "103,")),
    "subtotals.csv": (
        "cp932",
        HEAD
        + "102,第一小学校,学校教育系施設,1970,6120,RC,4\n105,第二小学校,学校教育系施設,1975,5880,RC,4\n"
        + ",学校教育系施設 小計,,,12000,,\n101,中央図書館,社会教育系施設,1981,2450.5,RC,3\n,小　計,,,2450.5,,\n,合計,,,14450.5,,\n",
    ),
    "names_like_totals.csv": (
        "utf-8",
        HEAD + "1,総合計量検査所,行政系施設,1981,300,RC,2\n2,小計野公民館,市民文化系施設,1990,250,W,1\n合計,,,,550,,\n",
    ),
    "leading_zeros.csv": ("utf-8", PLAIN.replace("\n10", "\n000")),
    # units
    "tsubo.csv": (
        "cp932",
        "施設名,用途分類,建築年度,延床面積（坪）\n中央図書館,社会教育系施設,1981,741.3\n第一小学校,学校教育系施設,1970,\"1,851.3\"\n",
    ),
    "thousand_yen.csv": (
        "utf-8",
        "施設名,用途分類,建築年度,延床面積(㎡),維持管理費（千円）,収入（千円）\n"
        "中央図書館,社会教育系施設,1981,2450.5,\"48,200\",\"1,250\"\n第一小学校,学校教育系施設,1970,6120,31500,0\n",
    ),
    "units_in_cells.csv": (
        "utf-8",
        "施設名,用途分類,建築年度,延床面積,階数,維持管理費\n"
        "中央図書館,社会教育系施設,1981年度,\"2,450.5㎡\",3階建,4820万円\n第一小学校,学校教育系施設,1970年度,6120 m2,4階,31500千円\n",
    ),
    "full_width.csv": (
        "cp932",
        "施設番号，施設名，用途分類，建築年度，延床面積（㎡），構造，階数\n".replace("，", ",")
        + "１０１,中央図書館,社会教育系施設,１９８１,２４５０．５,ＲＣ,３\n１０２,第一小学校,学校教育系施設,１９７０,\"６，１２０\",ＲＣ造,４\n",
    ),
    # years
    "years_japanese.csv": (
        "utf-8",
        "施設名,用途分類,建築年度,延床面積\n"
        "一号館,行政系施設,昭和45年,100\n二号館,行政系施設,昭和45年度,100\n三号館,行政系施設,平成元年,100\n四号館,行政系施設,令和元年度,100\n"
        "五号館,行政系施設,昭和45年3月,100\n六号館,行政系施設,昭和45年4月,100\n七号館,行政系施設,大正15年,100\n八号館,行政系施設,昭和 56 年,100\n",
    ),
    "years_short.csv": (
        "cp932",
        "施設名,用途分類,建築年,延床面積\n"
        "一号館,行政系施設,S45,100\n二号館,行政系施設,S45.3,100\n三号館,行政系施設,昭45.3,100\n四号館,行政系施設,Ｈ元,100\n"
        "五号館,行政系施設,S45.3.31,100\n六号館,行政系施設,H1/4/1,100\n七号館,行政系施設,R2.10.1,100\n八号館,行政系施設,昭５６,100\n",
    ),
    "years_western.csv": (
        "utf-8",
        "施設名,用途分類,建築年月日,延床面積\n"
        "一号館,行政系施設,1970年3月31日,100\n二号館,行政系施設,1970/04/01,100\n三号館,行政系施設,1970-03-31,100\n四号館,行政系施設,19700331,100\n"
        "五号館,行政系施設,1970.3,100\n六号館,行政系施設,1970年,100\n七号館,行政系施設,1970年12月,100\n",
    ),
    "years_serials.csv": (
        "utf-8",
        "施設名,用途分類,建築年月日,延床面積\n"
        "一号館,行政系施設,25658,100\n二号館,行政系施設,25659,100\n三号館,行政系施設,30000,100\n",
    ),
    # blanks, marks, unknowns
    "blanks.csv": (
        "utf-8",
        "施設番号,施設名,用途分類,建築年度,延床面積,構造,階数,維持管理費,利用者数\n"
        "101,中央図書館,社会教育系施設,1981,2450.5,－,―,不明,N/A\n102,第一小学校,学校教育系施設,1970,6120,RC,,-,…\n103,東公民館,市民文化系施設,1992,480.25,　,2,0,なし\n",
    ),
    "control_characters.csv": (
        "utf-8",
        "施設番号,施設名,用途分類,建築年度,延床面積\n"
        "101,中央\u200b図書\x07館\u202e,社会教育系施設,1981,2450.5\n\ufeff102,　第一小学校　,学校教育系施設, 1970 ,6120\u00a0\n",
    ),
    "formulas.csv": (
        "utf-8",
        "施設番号,施設名,用途分類,建築年度,延床面積,備考\n"
        "101,\"=HYPERLINK(\"\"http://example.com\"\",\"\"図書館\"\")\",社会教育系施設,1981,2450.5,=1+1\n"
        "102,@第一小学校,学校教育系施設,1970,6120,\"+cmd|' /C calc'!A0\"\n103,-東公民館-,市民文化系施設,1992,480.25,\n",
    ),
    # blocks of one facility
    "blocks.csv": (
        "cp932",
        "施設名,棟名,用途分類,建築年度,延床面積,構造\n"
        "第一小学校,校舎,学校教育系施設,1970,4200,RC\n第一小学校,体育館,学校教育系施設,1975,900,S\n第一小学校,給食室,学校教育系施設,1982,120,RC\n"
        "中央図書館,本館,社会教育系施設,1981,2450.5,RC\n",
    ),
    "blocks_ditto.csv": (
        "utf-8",
        "施設名,棟名,用途分類,建築年度,延床面積\n"
        "第一小学校,校舎,学校教育系施設,昭和45年,4200\n〃,体育館,〃,昭和50年,900\n同上,給食室,同上,昭和57年,120\n中央図書館,本館,社会教育系施設,昭和56年,2450.5\n",
    ),
    "blocks_blank_name.csv": (
        "utf-8",
        "施設名,建物名,用途分類,建築年度,延床面積\n"
        "第一小学校,校舎,学校教育系施設,1970,4200\n,体育館,,1975,900\n中央図書館,本館,社会教育系施設,1981,2450.5\n,書庫,,1968,300\n",
    ),
    "block_numbers.csv": (
        "utf-8",
        "施設コード,枝番,施設名,用途分類,建築年度,延床面積\n"
        "A01,1,北団地,公営住宅,1972,800\nA01,2,北団地,公営住宅,1973,800\nA01,3,北団地,公営住宅,1974,820\nA02,1,南団地,公営住宅,1985,1500\n",
    ),
    # words
    "uses.csv": (
        "utf-8",
        "施設名,用途,建築年度,延床面積\n"
        "甲,小学校,1970,100\n乙,図書館,1970,100\n丙,公民館,1970,100\n丁,保育所,1970,100\n戊,市営住宅,1970,100\n己,体育館,1970,100\n"
        "庚,診療所,1970,100\n辛,庁舎,1970,100\n壬,老人福祉センター,1970,100\n癸,ごみ処理施設,1970,100\n子,school,1970,100\n丑,公園,1970,100\n寅,その他,1970,100\n卯,行政系施設,1970,100\n",
    ),
    "structures.csv": (
        "cp932",
        "施設名,用途分類,建築年度,延床面積,構造\n"
        "甲,行政系施設,1970,100,鉄筋コンクリート造\n乙,行政系施設,1970,100,ＲＣ造\n丙,行政系施設,1970,100,鉄骨鉄筋コンクリート造\n丁,行政系施設,1970,100,鉄骨造\n"
        "戊,行政系施設,1970,100,軽量鉄骨造\n己,行政系施設,1970,100,木造\n庚,行政系施設,1970,100,コンクリートブロック造\n辛,行政系施設,1970,100,S\n",
    ),
    "duplicates.csv": ("utf-8", HEAD + ROWS + "101,中央図書館,社会教育系施設,1981,2450.5,RC,3\n"),
    # headers repeated further down, in another shape than the first
    "two_line_header_repeated_in_one.csv": (
        "cp932",
        "施設名,分類,建物,,運営費（百万円）\n,,完成年月日,延床面積（坪）,\n中央図書館,図書館,1970/3/31,100,12.5\n東ホール,文化会館,昭45.3,２００,３\n"
        "施設名,分類,完成年月日,延床面積（坪）,運営費（百万円）\n本庁舎,庁舎,S45.3,300坪,－\n",
    ),
    "sections_with_more_columns.csv": (
        "utf-8",
        "学校教育系施設\n施設名,建築年度,延床面積\n甲小学校,1970,5000\n乙小学校,1980,6000\n\n"
        "社会教育系施設\n施設名,建築年度,延床面積,構造,備考\n中央図書館,S55,900,RC,\n東図書館,S50,300,W,耐震診断未了\n",
    ),
}  # fmt: skip

XLSX_HEAD = ["施設番号", "施設名", "用途分類", "建築年度", "延床面積（㎡）"]
LIBRARY = [101, "中央図書館", "社会教育系施設", 1981, 2450.5]
SCHOOL = [102, "第一小学校", "学校教育系施設", 1970, 6120]


def write_workbooks() -> None:
    """Write the XLSX files, each with what Excel users do to a sheet."""
    with xlsxwriter.Workbook(CORPUS / "merged_header.xlsx") as book:
        sheet, bold = book.add_worksheet("台帳"), book.add_format({"bold": True, "align": "center"})
        sheet.merge_range("A1:G1", "公共施設等総合管理計画　施設一覧", bold)
        sheet.merge_range("A3:A4", "番号", bold)
        sheet.merge_range("B3:C3", "施設", bold)
        sheet.merge_range("D3:F3", "建物", bold)
        sheet.write_row("B4", ["名称", "用途分類", "建築年度", "延床面積\n（㎡）", "構造"])
        sheet.write_row("A5", [*LIBRARY, "RC"])
        sheet.write_row("A6", [*SCHOOL, "RC"])
    with xlsxwriter.Workbook(CORPUS / "blocks_merged.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["施設名", "用途分類", "棟名", "建築年度", "延床面積"])
        sheet.merge_range("A2:A4", "第一小学校")
        sheet.merge_range("B2:B4", "学校教育系施設")
        for row, block in enumerate((["校舎", 1970, 4200], ["体育館", 1975, 900], ["給食室", 1982, 120]), 1):
            sheet.write_row(row, 2, block)
        sheet.write_row("A5", ["中央図書館", "社会教育系施設", "本館", 1981, 2450.5])
    with xlsxwriter.Workbook(CORPUS / "dates.xlsx") as book:
        sheet = book.add_worksheet()
        date, era = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "[$-411]ggge年m月d日"})
        sheet.write_row("A1", ["施設名", "用途分類", "建築年月日", "延床面積"])
        for row, (day, form) in enumerate(
            [((1970, 3, 31), date), ((1970, 4, 1), era), ((1982, 2, 18), date), ((2019, 12, 1), era)], 1
        ):
            sheet.write_row(row, 0, [f"{row}号館", "行政系施設"])
            sheet.write_datetime(row, 2, dt.datetime(*day), form)  # noqa: DTZ001  - a cell has no zone
            sheet.write_number(row, 3, 100)
    with xlsxwriter.Workbook(CORPUS / "many_sheets.xlsx") as book:
        book.add_worksheet("表紙").write("B2", "施設白書　資料編")
        book.add_worksheet("凡例").write_column("A1", ["RC 鉄筋コンクリート造", "S 鉄骨造"])
        sheet = book.add_worksheet("施設一覧")
        sheet.write_row("A1", XLSX_HEAD)
        sheet.write_row("A2", LIBRARY)
        sheet.write_row("A3", SCHOOL)
        book.add_worksheet("グラフ").write_row("A1", ["年", "面積"])
    with xlsxwriter.Workbook(CORPUS / "offset_table.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("C2", "公有財産台帳（建物）")
        sheet.write_row("C6", XLSX_HEAD)
        sheet.write_row("C8", LIBRARY)
        sheet.write_row("C10", SCHOOL)
        sheet.write_row("E12", ["計", "", 8570.5])
    with xlsxwriter.Workbook(CORPUS / "formula_cells.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", XLSX_HEAD)
        sheet.write_row("A2", LIBRARY[:4])
        sheet.write_formula("E2", "=2000+450.5", value=2450.5)
        sheet.write_row("A3", SCHOOL[:4])
        sheet.write_formula("E3", "=60*102", value=6120)
        sheet.write_row("A4", ["", "合計"])
        sheet.write_formula("E4", "=SUM(E2:E3)", value=8570.5)
    with xlsxwriter.Workbook(CORPUS / "numbers_as_text.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", XLSX_HEAD)
        for row, cells in enumerate(([*LIBRARY[:3], "'1981", "2,450.5 "], [*SCHOOL[:3], "１９７０", "６，１２０"]), 1):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, str(cell).lstrip("'"))


def write_xls() -> None:
    """Write the old Excel format."""
    import xlwt  # noqa: PLC0415  - only whoever makes the files anew needs it

    book = xlwt.Workbook(encoding="cp932")
    sheet = book.add_sheet("施設台帳")
    sheet.write_merge(0, 0, 0, 4, "施設台帳（昭和から）")
    lines = [
        XLSX_HEAD,
        [101, "中央図書館", "社会教育系施設", "昭和56年", 2450.5],
        [102, "第一小学校", "学校教育系施設", "S45", "6,120"],
    ]
    for row, line in enumerate(lines, 2):
        for column, cell in enumerate(line):
            sheet.write(row, column, cell)
    book.save(str(CORPUS / "old_excel.xls"))


def write_ods() -> None:
    """Write an ODS table as LibreOffice does: repeated blank cells and rows to the sheet's end."""

    def cell(value: object) -> str:
        if value == "":
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    lines = [["施設一覧", "", "", "", ""], XLSX_HEAD, LIBRARY, SCHOOL]
    rest = '<table:table-cell table:number-columns-repeated="16379"/>'
    body = "".join("<table:table-row>" + "".join(map(cell, line)) + rest + "</table:table-row>" for line in lines)
    body += '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Sheet1">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(CORPUS / "libreoffice.ods", "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", manifest, zipfile.ZIP_DEFLATED)


def write_shapes() -> None:
    """Write geographic files: points, areas in a plane system, and a shapefile with its ten-byte names in cp932."""
    columns = {
        "施設番号": ["101", "102"],
        "施設名": ["中央図書館", "第一小学校"],
        "用途分類": ["社会教育系施設", "学校教育系施設"],
        "建築年度": ["昭和56年", "1970"],
        "延床面積": [2450.5, 6120.0],
    }
    points = gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy([139.9021, 139.9105], [35.8561, 35.8602]), crs="EPSG:4326"
    )
    points.to_file(CORPUS / "points.geojson", driver="GeoJSON", engine="pyogrio")
    points.to_file(CORPUS / "points.gpkg", driver="GPKG", layer="施設", engine="pyogrio")
    plane = points.to_crs(6677)
    plane.geometry = plane.geometry.buffer(20.0, cap_style="square")
    plane.to_file(CORPUS / "areas_in_metres.gpkg", driver="GPKG", layer="areas", engine="pyogrio")
    shapes = points.rename(columns={"施設番号": "番号", "建築年度": "建築年", "延床面積": "延床面"})
    packed = io.BytesIO()
    folder = CORPUS / "scratch"
    folder.mkdir()
    shapes.to_file(folder / "台帳.shp", driver="ESRI Shapefile", engine="pyogrio", encoding="cp932")
    (folder / "台帳.cpg").unlink()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"公共施設/{path.name}")
            path.unlink()
    folder.rmdir()
    (CORPUS / "shapefile_cp932.zip").write_bytes(packed.getvalue())


def main() -> None:
    """Write every file."""
    CORPUS.mkdir(exist_ok=True)
    for name, (encoding, text) in TEXTS.items():
        (CORPUS / name).write_bytes(text.encode(encoding))
    write_workbooks()
    write_xls()
    write_ods()
    write_shapes()


if __name__ == "__main__":
    main()
