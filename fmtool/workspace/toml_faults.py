"""What is wrong with a TOML file of the workspace, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from fmtool.text import Text


def not_toml(file: str, error: ValueError | RecursionError) -> Text:
    """Say what keeps a file from being read as TOML, with its row where that is known.

    >>> import tomllib
    >>> try:
    ...     tomllib.loads("a = x")
    ... except tomllib.TOMLDecodeError as error:
    ...     print(not_toml("x.toml", error).ja)
    x.toml: TOMLとして読めません（1行目: Invalid value）
    """
    if isinstance(error, UnicodeDecodeError):
        row = bytes(error.object[: error.start]).count(b"\n") + 1
        return Text(f"{file}: 文字コードがUTF-8ではありません（{row}行目）", f"{file}: not in UTF-8 (row {row})")
    if isinstance(error, RecursionError):
        return Text(f"{file}: 入れ子が深すぎます", f"{file}: nested too deeply")
    reason, _, place = str(error).partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    ja, en = (f"{found[1]}行目: ", f"row {found[1]}: ") if found else ("", "")
    return Text(f"{file}: TOMLとして読めません（{ja}{reason}）", f"{file}: not readable as TOML ({en}{reason})")


TOML_REMEDY = Text(
    "その行の引用符・かっこ・「=」を確かめ、UTF-8で保存してください。書き方は `fmtool init` が作るファイルが手本です",
    "look at quotes, brackets and `=` in that row, and save in UTF-8; the files that `fmtool init` writes are the pattern",
)


def custom_fault(ja: str, en: str) -> PydanticCustomError:
    """Return a fault of a rule of our own, for the schema's checker to carry."""
    return PydanticCustomError("fmtool", "{en}", {"ja": ja, "en": en})


def is_other_form(item: Mapping[str, Any]) -> bool:
    """Tell a complaint about the form of ``budget.yearly`` that was not written: a list, or one amount."""
    budget, yearly, form = (*item["loc"], "", "", "")[:3]
    if (budget, yearly) != ("budget", "yearly") or not _is_form(form):
        return False
    is_of_list = str(form).startswith("list[")
    return not is_of_list if isinstance(item["input"], list) else is_of_list and item["type"] == "list_type"


def _is_form(part: object) -> bool:
    """Tell the name that the schema's checker gives to a form that an entry may take."""
    return isinstance(part, str) and part.rstrip("]").endswith("float")


_JA = {
    "missing": "必須の項目がありません",
    "extra_forbidden": "未知の項目です",
    "greater_than": "{gt}より大きい値にしてください",
    "greater_than_equal": "{ge}以上の値にしてください",
    "less_than": "{lt}より小さい値にしてください",
    "less_than_equal": "{le}以下の値にしてください",
    "int_type": "整数にしてください",
    "float_type": "引用符を付けずに数で書いてください",
    "finite_number": "有限の数にしてください",
    "literal_error": "{expected} のいずれかにしてください",
    "string_type": "引用符で囲んだ文字にしてください",
    "string_too_short": "空欄にできません",
    "string_pattern_mismatch": "使えない文字か長さです（正規表現 {pattern}）",
    "list_type": "[ ] で囲んだ一覧にしてください",
    "tuple_type": "[ ] で囲んだ一覧にしてください",
    "too_long": "個数は{max_length}までです",
    "dict_type": "[見出し] の下に項目を書く表にしてください",
    "model_type": "[見出し] の下に項目を書く表にしてください",
    "fmtool": "{ja}",
}
"""Japanese for the kinds of fault that the schema's checker tells in English."""


def fault_text(file: str, item: Mapping[str, Any]) -> Text:
    """Say one fault that the schema's checker found."""
    parts = [str(part) for part in item["loc"] if part != "[key]" and not _is_form(part)]
    key = ".".join(parts) or "(top)"
    where = f"{file}: `{key}`" if file else f"`{key}`"
    given = "" if isinstance(item.get("input"), dict) or item["type"] == "missing" else f" ({item['input']!r})"
    bounds = {name: f"{each:g}" if isinstance(each, float) else each for name, each in item.get("ctx", {}).items()}
    ja = _JA.get(item["type"], "使えない値です: {msg}").format_map({"msg": item["msg"], **bounds})
    return Text(f"{where} {ja}{given}", f"{where} {item['msg'].lower()}{given}")
