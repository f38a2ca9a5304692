"""PDFs written by hand, byte by byte, so that a test knows what is in them without any library."""

from collections.abc import Mapping, Sequence

A4 = (595, 842)


def words(x: float, y: float, text: str, size: float = 12, font: str = "F1") -> bytes:
    """A line of Latin-1 text whose baseline begins at a place, in points from the lower left corner."""
    quoted = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({quoted}) Tj ET\n".encode("latin-1")


def stroke(*places: float) -> bytes:
    """A thin line from x, y to x, y."""
    x, y, to_x, to_y = places
    return f"0.5 w {x} {y} m {to_x} {to_y} l S\n".encode()


PICTURE = b"q 400 0 0 600 50 100 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"


def pdf(
    pages: Sequence[bytes],
    outline: Sequence[tuple[str, int, float]] = (),
    info: Mapping[str, str] | None = None,
    turned: int = 0,
    trailer: str = "",
) -> bytes:
    """A file with a page for each stream of drawing commands.

    Args:
        outline: heading, page from 1 and height there, all on one level.
        info: metadata, such as Title.
        turned: how far every page is turned for showing, in degrees clockwise.
        trailer: further entries of the trailer.
    """
    first_page, first_entry = 6, 6 + 2 * len(pages)
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: f"<< /Type /Outlines /First {first_entry} 0 R /Last {first_entry + len(outline) - 1} 0 R >>".encode(),
        5: ("<< " + " ".join(f"/{name} ({value})" for name, value in (info or {}).items()) + " >>").encode("latin-1"),
    }
    if not outline:
        objects[4] = b"<< /Type /Outlines >>"
    for number, drawn in enumerate(pages):
        at = first_page + 2 * number
        objects[at] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Rotate {turned} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {at + 1} 0 R >>"
        ).encode()
        objects[at + 1] = f"<< /Length {len(drawn)} >>\nstream\n".encode() + drawn + b"\nendstream"
    for number, (heading, page, y) in enumerate(outline):
        at = first_entry + number
        after = f"/Next {at + 1} 0 R " if number + 1 < len(outline) else ""
        place = f"[{first_page + 2 * (page - 1)} 0 R /XYZ 0 {y} null]"
        objects[at] = f"<< /Title ({heading}) /Parent 4 0 R {after}/Dest {place} >>".encode("latin-1")
    return _file(objects, trailer)


def _file(objects: Mapping[int, bytes], trailer: str) -> bytes:
    made = b"%PDF-1.7\n"
    places = []
    for number in sorted(objects):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + objects[number] + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R {trailer} >>\n".encode()
    return made + f"startxref\n{start}\n%%EOF\n".encode()
