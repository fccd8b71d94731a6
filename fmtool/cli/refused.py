"""What the system refuses, told in one sentence."""

from __future__ import annotations

import errno

from fmtool.text import Text

_CLOSE_IT = Text(
    "ファイルをExcelなどで開いていれば閉じ、権限と空き容量を確かめてください",
    "close the file if Excel holds it open, and look at permissions and free space",
)
_ROOM = Text(
    "不要なファイルを消して空きを作り、もう一度実行してください（前回の結果はそのまま残っています）",
    "make room and run again (earlier results are untouched)",
)
_ELSEWHERE = Text(
    "書き込める場所に作業フォルダーを移すか、管理者に権限を頼んでください",
    "move the workspace to where you may write, or ask for permission",
)
_NO_MEMORY = Text(
    "メモリーが足りません（何も書き換えていません）\n\n対処: ほかのプログラムを閉じるか、施設数や計画年数を減らしてください",
    "the memory does not suffice (nothing was changed)\n\nhint: close other programs, or plan fewer facilities or years",
)
_KINDS = {
    errno.ENOSPC: (Text("ディスクに空きがありません", "No space left on device"), _ROOM),
    errno.EDQUOT: (Text("割り当てられた容量を使い切りました", "Disk quota exceeded"), _ROOM),
    errno.EFBIG: (Text("ファイルが大きすぎます", "File too large"), _ROOM),
    errno.EROFS: (Text("読み取り専用のディスクです", "Read-only file system"), _ELSEWHERE),
    errno.EACCES: (Text("権限がないか、ほかのプログラムが開いています", "Permission denied"), _CLOSE_IT),
    errno.EPERM: (Text("許されていない操作です", "Operation not permitted"), _CLOSE_IT),
    errno.EIO: (Text("ディスクか接続の不具合です", "Input/output error"), None),
    errno.ENOENT: (Text("ありません", "No such file or directory"), None),
    errno.ENOTDIR: (Text("フォルダーではないものが途中にあります", "Not a directory"), None),
    errno.EISDIR: (Text("ファイルではなくフォルダーです", "Is a directory"), None),
    errno.ENAMETOOLONG: (Text("名前が長すぎます", "File name too long"), None),
    errno.ELOOP: (Text("リンクが自分自身に戻っています", "Too many levels of symbolic links"), None),
    errno.EMFILE: (Text("開いているファイルが多すぎます", "Too many open files"), None),
}


def refused(error: OSError | MemoryError) -> Text:
    """Return the sentence of a file that cannot be read or written, or of memory that does not suffice.

    >>> refused(OSError(errno.ENOSPC, "No space left on device", "results/base/map.html")).ja.splitlines()[0]
    'results/base/map.html: 読み書きできません（ディスクに空きがありません）'
    """
    if isinstance(error, MemoryError):
        return _NO_MEMORY
    reason, hint = _KINDS.get(
        error.errno or 0, (Text(str(error.strerror or error), str(error.strerror or error)), None)
    )
    hint = hint or _CLOSE_IT
    where = f"{error.filename}: " if error.filename else ""
    return Text(
        f"{where}読み書きできません（{reason.ja}）\n\n対処: {hint.ja}",
        f"{where}cannot be read or written ({reason.en})\n\nhint: {hint.en}",
    )
