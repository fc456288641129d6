import pytest

from annotation import rendering


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("GPT-4 (2023)", "GPT-4 (2023)"),
        ("Zoë 中文 עברית 😀", "Zoë 中文 עברית 😀"),
        ("admin\u202enimda", "admin[U+202E]nimda"),
        ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
        ("alice\u200b", "alice[U+200B]"),
        ("a\u200db\ufeffc\u00add", "a[U+200D]b[U+FEFF]c[U+00AD]d"),
        ("a\r\nSet-Cookie: x", "a[U+000D][U+000A]Set-Cookie: x"),
        ("\x1b[31mred\x00", "[U+001B][31mred[U+0000]"),
        ("a\u2028b\u2029c\x85", "a[U+2028]b[U+2029]c[U+0085]"),
        ("\ud800", "[U+D800]"),
        ("a\u3164b\u115fc\u2800d", "a[U+3164]b[U+115F]c[U+2800]d"),
        ("a\U000e0041\U000e0100", "a[U+E0041][U+E0100]"),
        ("a\ue000\U0010ffff", "a[U+E000][U+10FFFF]"),
    ],
)
def test_hidden_characters_of_a_name_are_written_out(name: str, shown: str) -> None:
    assert rendering.visible(name) == shown


def test_the_result_can_be_shown_again_unchanged() -> None:
    once = rendering.visible("a\u202eb\x00")
    assert rendering.visible(once) == once
    assert once.isprintable()


def test_markup_is_left_to_the_template_to_escape() -> None:
    assert rendering.visible("<script>") == "<script>"
