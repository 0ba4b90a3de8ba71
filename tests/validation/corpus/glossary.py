"""Documents on glossary.md: JSON, and how it is encoded."""

from __future__ import annotations

import json

from tests.validation.corpus.case import BASES, Invalid, Valid, Warned

CONFIG = json.dumps(BASES["config"], indent=2)
HOST = '  "hostname": "oci-conform",\n'
LATIN = CONFIG.replace("oci-conform", "caf\u00e9")

UTF8 = ("glossary.json.utf8",)
UNIQUE = ("glossary.json.unique_names",)


def twice(name: str, path: str, before: str, after: str) -> Invalid:
    """The base with `before`, which it has once, replaced by something in which a name is twice."""
    assert CONFIG.count(before) == 1
    return Invalid(name, {}, "json.unique_names", path, UNIQUE, text=CONFIG.replace(before, after))


VALID = [
    Valid("JSON in one line", {}, (*UTF8, *UNIQUE), text=json.dumps(BASES["config"])),
    Valid("JSON in another order", {}, UNIQUE, text=json.dumps(dict(reversed(BASES["config"].items())))),
    Valid("JSON with a byte order mark", {}, UTF8, text=b"\xef\xbb\xbf" + CONFIG.encode()),
    Valid("JSON with lines of Windows", {}, UTF8, text=CONFIG.replace("\n", "\r\n")),
    Valid("JSON with characters of several bytes", {"x": "caf\u00e9 \u4e2d \U0001f40b"}, UTF8),
    Valid(
        "JSON with the same characters as they are",
        {},
        UTF8,
        text=json.dumps({**BASES["config"], "x": "caf\u00e9 \u4e2d \U0001f40b"}, ensure_ascii=False),
    ),
    Valid("names that differ in case", {"x": {"a": 1, "A": 2}}, UNIQUE),
    Valid("one name in two objects", {"x": {"a": 1}, "y": {"a": 2}}, UNIQUE),
    Valid("JSON with blanks around it", {}, text=f"\n\t {CONFIG} \r\n"),
    Valid(
        "whole numbers with fractions",
        {},
        text=CONFIG.replace('"uid": 0', '"uid": 0.0').replace('"gid": 0', '"gid": 0e2'),
    ),
]

INVALID = [
    *(
        Invalid(f"JSON in {encoding}", {}, "json.encoding", "$", UTF8, text=CONFIG.encode(encoding))
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")
    ),
    *(
        Invalid(f"letter in {encoding}", {}, "json.encoding", "$", UTF8, text=LATIN.encode(encoding))
        for encoding in ("latin-1", "cp437", "mac-roman")
    ),
    Invalid(
        "character that is cut off", {}, "json.encoding", "$", UTF8, text=LATIN.encode().replace(b"\xc3\xa9", b"\xc3")
    ),
    Invalid(
        "character that is longer than it has to be",
        {},
        "json.encoding",
        "$",
        UTF8,
        text=LATIN.encode().replace(b"\xc3\xa9", b"\xc0\xaf"),
    ),
    Invalid(
        "half of a character of UTF-16",
        {},
        "json.encoding",
        "$",
        UTF8,
        text=LATIN.encode().replace(b"\xc3\xa9", b"\xed\xa0\x80"),
    ),
    twice("property twice", "$.hostname", HOST, HOST * 2),
    twice("property twice with other values", "$.hostname", HOST, HOST + '  "hostname": "other",\n'),
    twice(
        "property twice far from each other", "$.root", '  "linux": {', '  "root": {"path": "rootfs"},\n  "linux": {'
    ),
    twice("property of an object twice", "$.root.path", '"path": "rootfs"', '"path": "rootfs", "path": "rootfs"'),
    twice("property of an entry twice", "$.mounts[0].type", '"type": "proc"', '"type": "proc", "type": "proc"'),
    twice("property twice, once with an escape", "$.hostname", HOST, HOST + '  "host\\u006eame": "other",\n'),
    twice("unknown property twice", "$.x.y", HOST, HOST + '  "x": {"y": 1, "y": 2},\n'),
    twice(
        "annotation twice",
        "$.annotations['com.example.a']",
        HOST,
        HOST + '  "annotations": {"com.example.a": "1", "com.example.a": "1"},\n',
    ),
    *(
        Invalid(f"JSON with {what}", {}, "json.syntax", path, (), text=CONFIG.replace(HOST, text))
        for what, path, text in (
            ("a comma too many", "$", HOST.replace(",", ",,")),
            ("a comma too few", "$", HOST.replace(",", "")),
            ("a comment", "$", f"  // the name\n{HOST}"),
            ("single quotes", "$", "  'hostname': 'oci-conform',\n"),
            ("a name without quotes", "$", '  hostname: "oci-conform",\n'),
            ("True", "$", f'{HOST}  "x": True,\n'),
            ("NaN", "$.x", f'{HOST}  "x": NaN,\n'),
            ("an octal number", "$", f'{HOST}  "x": 0755,\n'),
            ("a hexadecimal number", "$", f'{HOST}  "x": 0x1F,\n'),
            ("a tab in a string", "$", HOST.replace("oci-", "oci\t")),
            ("an escape that is none", "$", HOST.replace("oci-", "oci\\x2d")),
        )
    ),
    Invalid("JSON that is cut off", {}, "json.syntax", "$", (), text=CONFIG[:-3]),
    Invalid("JSON with something after it", {}, "json.syntax", "$", (), text=CONFIG + "\n}"),
    Invalid("two documents", {}, "json.syntax", "$", (), text=CONFIG * 2),
    Invalid("nothing", {}, "json.syntax", "$", (), text=""),
    Invalid("comma at the end of an object", {}, "json.syntax", "$", (), text=CONFIG[:-2] + ",\n}"),
    Invalid(
        "number that nobody can hold", {}, "json.number", "$.x", (), text=CONFIG.replace(HOST, f'{HOST}  "x": 1e999,\n')
    ),
    Invalid("JSON that is too deep", {}, "json.depth", "$", (), text='{"x": ' + "[" * 101 + "]" * 101 + "}"),
]

WARNED = [
    Warned("half of a character", {"x": "\ud83d"}, "json.surrogate", "$"),
    Warned("half of a character as a name", {"x": {"\udc0b": 1}}, "json.surrogate", "$"),
]
