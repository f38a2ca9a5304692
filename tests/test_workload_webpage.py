from pathlib import Path

import pytest

from workbench.records import Mark
from workbench.workload import webpage
from workbench.workload.extracted import Extracted, Note, Unreadable


def read(folder: Path, content: str | bytes) -> Extracted:
    path = folder / "a.html"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return webpage.extract(path)


def test_page(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """<!DOCTYPE html><html><head><title>Leave –
        Handbook</title><style>p {color: red}</style></head><body>
        Before.<h1>Leave</h1><p>Everybody has <b>30</b> days
        a&nbsp;year.<p>Ask<br>first.<h2>Days</h2>
        <table><caption>By year</caption><tr><th>Year<th>Days<tr><td>2025<td>28 <i>or</i><br>29</table>
        <ul><li>one<ul><li>inner</ul><li><p>two</p></ul><ol><li>first</li><li>second</li></ol>
        <pre>  a = 1
  b  =  2</pre></body></html>""",
    )
    assert found.text == (
        "Before.\n\nLeave\n\nEverybody has 30 days a year.\n\nAsk\nfirst.\n\nDays\n\nBy year\n\n"
        "| Year | Days |\n| 2025 | 28 or 29 |\n\n"
        "- one\n- inner\n- two\n1. first\n2. second\n\n"
        "a = 1\n  b  =  2\n"
    )
    assert found.title == "Leave – Handbook"
    assert found.marks == (Mark(9, None, "Leave"), Mark(found.text.index("Days"), None, "Days"))


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>SECRET</script>",
        "<script type='text/template'><p>SECRET</p></script>",
        "<style>SECRET</style>",
        "<noscript>SECRET</noscript>",
        "<template><p>SECRET</p></template>",
        "<nav><ul><li>SECRET</li></ul></nav>",
        "<div role='Navigation'>SECRET</div>",
        "<!-- SECRET -->",
        "<!--[if IE]><p>SECRET</p><![endif]-->",
        "<p hidden>SECRET</p>",
        "<p hidden='until-found'>SECRET</p>",
        "<div style='color:red; Display : NONE'><p>SECRET</p></div>",
        "<span style='visibility:hidden'>SECRET</span>",
        "<span aria-hidden='true'>SECRET</span>",
        "<svg><text>SECRET</text></svg>",
        "<iframe srcdoc='SECRET'>SECRET</iframe>",
        "<select><option>SECRET</select>",
        "<input value='SECRET'><textarea>SECRET</textarea><button>SECRET</button>",
        "<dialog>SECRET</dialog>",
        "<img alt='SECRET' src='http://127.0.0.1:9/x.png'>",
    ],
)
def test_what_is_not_seen_is_no_text(tmp_path: Path, unseen: str) -> None:
    assert read(tmp_path, f"<body><p>seen</p>{unseen}<p>too</p>").text == "seen\n\ntoo\n"


def test_only_the_main_part(tmp_path: Path) -> None:
    page = "<title>T</title><header>Menu</header><main><p>matter</p></main><footer>Imprint</footer>"
    assert read(tmp_path, page).text == "matter\n"
    assert read(tmp_path, page.replace("matter", "")).text == "Menu\n\nImprint\n"


def test_table_for_layout_is_no_table(tmp_path: Path) -> None:
    page = "<table><tr><td><h2>Head</h2><p>left</p><td>right</table><table><tr><td>alone</table>"
    assert read(tmp_path, page).text == "Head\n\nleft\n\nright\n\nalone\n"


def test_first_heading_is_the_title_where_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, "<h2>Head <a class=headerlink href='#h'>¶</a></h2><p>x").title == "Head"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=iso-8859-1>", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-15">', "iso-8859-15"),
        ("<meta charset=windows-1250>", "cp1250"),
        ('<?xml version="1.0" encoding="iso-8859-15"?>', "iso-8859-15"),
        ("<meta charset=utf-16>", "utf-8"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_encodings_that_are_named(tmp_path: Path, head: str, encoding: str) -> None:
    found = read(tmp_path, f"{head}<p>Größe in €".encode(encoding))
    assert (found.text, found.notes) == ("Größe in €\n", ())


@pytest.mark.parametrize("head", ["<meta charset=utf-8>", "<meta charset=nobody-knows>", "<meta charset=zip>"])
def test_encoding_that_is_named_wrongly(tmp_path: Path, head: str) -> None:
    found = read(tmp_path, f"{head}<p>Größe in €".encode("cp1252"))
    assert found.text == "Größe in €\n"
    assert found.notes == (Note("HTML pages in another encoding than they name, read as Windows-1252"),)


def test_encoding_that_is_not_named(tmp_path: Path) -> None:
    found = read(tmp_path, "<p>Größe".encode("cp1252"))
    assert found.text == "Größe\n"
    assert found.notes == (Note("HTML pages that are not UTF-8 and name no encoding, read as Windows-1252"),)


def test_japanese(tmp_path: Path) -> None:
    assert read(tmp_path, "<meta charset=Shift_JIS><p>休暇①".encode("cp932")).text == "休暇①\n"


@pytest.mark.parametrize("content", [b"", b"<div id=root></div><script>draw()</script>", b" \n"])
def test_without_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="HTML pages without text"):
        read(tmp_path, content)


def test_nested_without_end(tmp_path: Path) -> None:
    assert read(tmp_path, "<div>" * 50_000 + "deep" + "<p>after").text == "deep\n\nafter\n"


def test_entity_of_a_file_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><p>a &x; b'
    assert "SECRET" not in read(tmp_path, page).text
