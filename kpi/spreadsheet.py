"""Texts of others in a table for spreadsheets."""

# What begins a formula in Excel, LibreOffice or Google Sheets; the wide ones, too, where a Chinese font is at home.
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def inert(text: str) -> str:
    """The text, with a quote before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text[:1] in _BEGINS_FORMULA and text else text
