"""What an import prints: columns and uses as understood, and the account of every row."""

from __future__ import annotations

from fmtool.cli.output import Output, Sheet
from fmtool.inventory.columns import BY_NAME
from fmtool.inventory.importing import MERGED, REFUSED, STATUSES, USED, ImportOutcome
from fmtool.text import Text
from fmtool.vocabulary import USES

_MOST_USES = 60
_SOURCE = Text("ファイル", "source")


def show_import(outcome: ImportOutcome, out: Output, *, is_dry: bool) -> None:
    """Print what was understood, and what became of the rows."""
    counts = outcome.counts()
    out.data(facilities=len(outcome.buildings), counts=counts, notices=outcome.notices, dry_run=is_dry)
    _show_columns(outcome, out)
    _show_uses(outcome, out)
    _show_account(outcome, out)
    for notice in outcome.notices:
        out.note(notice)
    out.say(
        Text(
            f"\n{len(outcome.buildings):,}施設（採用 {counts[USED]:,}行、統合 {counts[MERGED]:,}行、除外 {counts[REFUSED]:,}行）",
            f"\n{len(outcome.buildings):,} facilities ({counts[USED]:,} rows used, {counts[MERGED]:,} merged, {counts[REFUSED]:,} refused)",
        )
    )
    if is_dry:
        out.say(Text("試しのため、何も書いていません", "a dry run: nothing was written"))


def _show_columns(outcome: ImportOutcome, out: Output) -> None:
    rows = []
    for source in dict.fromkeys(each.source for each in outcome.matches):
        matches = [each.match for each in outcome.matches if each.source == source]
        for match in sorted(matches, key=lambda match: match.place):
            title = BY_NAME[match.column].title if match.column in BY_NAME else _OWN[match.column]
            rows.append(
                {
                    "source": source,
                    "header": match.header,
                    "column": match.column,
                    "title": title,
                    "unit": match.unit,
                    "score": f"{match.score:.2f}",
                }
            )
    headers = {
        "source": _SOURCE,
        "header": Text("見出し", "header"),
        "column": Text("列", "column"),
        "title": Text("意味", "meaning"),
        "unit": Text("単位", "unit"),
        "score": Text("一致度", "score"),
    }
    title = Text("見出しの対応", "Headers as understood")
    out.sheet(Sheet("columns", title, headers, rows, frozenset(headers) - {"score"}))


_OWN = {
    "address": Text("所在地（名寄せに使用）", "address (to tell facilities apart)"),
    "block": Text("棟（施設にまとめる）", "block (rolled into its facility)"),
}


def _show_uses(outcome: ImportOutcome, out: Output) -> None:
    found = sorted(outcome.found.uses.items(), key=lambda item: item[1][1])  # the least sure first
    rows = [
        {"word": word, "use": code, "title": USES[code], "score": f"{score:.2f}"}
        for word, (code, score) in (found if out.as_json else found[:_MOST_USES])
    ]
    headers = {
        "word": Text("言葉", "word"),
        "use": Text("用途", "use"),
        "title": Text("意味", "meaning"),
        "score": Text("一致度", "score"),
    }
    title = Text("\n用途の対応", "\nUses as understood")
    out.sheet(Sheet("uses", title, headers, rows, frozenset({"word", "use", "title"})))
    if len(found) > len(rows):
        more = len(found) - len(rows)
        out.say(Text(f"ほか{more}語は facilities/mapping.toml に", f"and {more} more in facilities/mapping.toml"))


def _show_account(outcome: ImportOutcome, out: Output) -> None:
    rows = [
        {"source": account.table.name, "status": STATUSES[status], "reason": reason, "rows": count}
        for account in outcome.tables
        for status, reason, count in account.by_reason()
    ]
    headers = {
        "source": _SOURCE,
        "status": Text("扱い", "status"),
        "reason": Text("理由", "reason"),
        "rows": Text("行数", "rows"),
    }
    title = Text("\n行の扱い", "\nWhat became of every row")
    out.sheet(Sheet("account", title, headers, rows, frozenset({"source", "status", "reason"})))
