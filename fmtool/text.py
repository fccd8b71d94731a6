"""Sentences in both of the product's languages.

Every sentence a user may see is one :class:`Text`; the language is chosen where it is printed.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Lang = Literal["ja", "en"]

_PASSWORDS = re.compile(
    r"((?:\w://|postgres\w*(?:\+\w+)?:/)[^\s:/?#@]*):[^\s]*@"  # a path of the system has lost one of the slashes
    r"|(?<=[?&]password=)[^\s&]*",
    re.IGNORECASE,
)


class Text(NamedTuple):
    """One sentence, in Japanese and in English."""

    ja: str
    en: str

    def say(self, lang: Lang) -> str:
        """Return the sentence in ``lang``."""
        return self.ja if lang == "ja" else self.en

    def __str__(self) -> str:
        """Return the English sentence, for logs and tracebacks."""
        return self.en


def listing(items: list[str], most: int = 5) -> Text:
    """Name the first ``most`` items and say how many more there are.

    >>> listing(["F1", "F2", "F3"], most=2)
    Text(ja='F1、F2 ほか1件', en='F1, F2 and 1 more')
    """
    first, more = items[:most], len(items) - most
    ja, en = "、".join(first), ", ".join(first)
    return Text(f"{ja} ほか{more}件", f"{en} and {more} more") if more > 0 else Text(ja, en)


def listed_faults(faults: list[Text], most: int = 12) -> list[Text]:
    """Keep the first ``most`` sentences and say how many more there are.

    >>> listed_faults([Text("あ", "a"), Text("い", "b"), Text("う", "c")], most=1)[1]
    Text(ja='ほか2件', en='and 2 more')
    """
    more = len(faults) - most
    return [*faults[:most], Text(f"ほか{more}件", f"and {more} more")] if more > 0 else faults


def without_secrets(text: str) -> str:
    """Return a text in which no address of a database tells its password.

    >>> without_secrets("postgresql://clerk:a@b/c@host/db?table=t&password=xyz no such table")
    'postgresql://clerk:***@host/db?table=t&password=*** no such table'
    """
    return _PASSWORDS.sub(lambda found: "***" if found[1] is None else f"{found[1]}:***@", text)
