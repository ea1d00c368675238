"""Names of files and folders that nobody meant as input: one list for the inbox, zips, attachments and projects.

They are never looked at, and never moved or deleted either. Sources: the manuals and trackers of QNAP, Synology,
NetApp, Samba, Windows, macOS, Excel, WPS, LibreOffice, browsers and download managers. Their systems do not tell
capitals apart, so neither does the list; names are taken whole, so that `recycle` and `@ABC` stay what they are.
And how a text of the user becomes part of a name of ours.
"""

from __future__ import annotations

import re

# What a folder of ours holds, with what that makes it; a project's own workbooks never lie in one.
OUTPUT_LEDGER, WORKSPACE_LEDGER, BAG = ".presales-written.json", "ledger.sqlite", "bagit.txt"

_BINS = (
    r"@Recycle", r"@Recently-Snapshot", r"@eaDir", r"@__thumb", r"@sharebin", r"@SynoResource", r"#SynoRecycle",
    r"#recycle", r"#snapshot", r"~snapshot", r"\$RECYCLE\.BIN", r"RECYCLER", r"System Volume Information",
    r"lost\+found", r"__MACOSX", r"Network Trash Folder", r"Temporary Items", r"~syncthing~.*", r".*\.download",
)  # fmt: skip
_MARKS = (
    # owner files, hidden files, and temporary files of office programs
    r"~\$.*", r"\.~.*", r"\..*", r"~WR.*", r".*\.tmp",
    r"Thumbs\.db", r"ehthumbs\.db", r"desktop\.ini", "Icon\r",
)  # fmt: skip
_PARTIAL = (
    r"part|partial|filepart|crdownload|opdownload|downloading|td|xltd|tdl|(?:td|xltd)\.cfg|aria2|!ut|!sync|!qb|bt!|bc!"
)
_FILES = (
    rf".*\.(?:{_PARTIAL}|swp|swo|lnk|laccdb|ldb|wbk|xlk|nutstore)",
    r".*\.\w{2,5}\.wdp",
    r".*@Syno(?:EAStream|Resource)",
    # alternate data streams of Windows; a share without them writes the colon as a character of its own
    "(?:.*[:\uf03a\uf022])(?:Zone\\.Identifier|SmartScreen|AFP_AfpInfo|AFP_Resource)(?:[:\uf03a\uf022]\\$DATA)?",
    # while Excel saves: eight hexadecimal digits; eight that make a day are a person's
    r"(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[0-9A-F]{8}",
)
_ANY = re.compile("|".join((*_BINS, *_MARKS)), re.IGNORECASE | re.DOTALL)
_FILE = re.compile("|".join(_FILES), re.IGNORECASE | re.DOTALL)
_OWNER = re.compile(r"~\$.*|\.~.*", re.DOTALL)


def unseen(name: str, *, folder: bool = False) -> bool:
    """Whether a file, or a folder with all it holds, is never looked at.

    Args:
        name: its own name, without the path.
        folder: it is a folder: one may be called after a day or end in `.part`.
    """
    return bool(_ANY.fullmatch(name)) or (not folder and bool(_FILE.fullmatch(name)))


def is_owner(name: str) -> bool:
    """Whether a file is the mark of an office program that holds another file open."""
    return bool(_OWNER.fullmatch(name))


def safe(text: str) -> str:
    """A text as part of a file name: letters, digits, dot, dash and underline only."""
    return re.sub(r"[^\w.-]", "", text).strip(".") or "_"
