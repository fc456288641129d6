from annotation import rendering
from annotation.readers.rows import Message
from annotation.rendering import documents


def test_a_lone_user_message_reads_like_a_text() -> None:
    assert rendering.render_messages([Message("user", "# a")]) == rendering.render("# a")


def test_each_turn_stands_under_its_role_and_has_its_own_outline() -> None:
    turns = [
        Message("system", "Be brief."),
        Message("user", "## Why?"),
        Message("assistant", "### So."),
        Message("tool", "4"),
    ]
    assert rendering.render_messages(turns).html == (
        '<section class="message message-system"><p class="message-role">System</p>\n<p>Be brief.</p>\n</section>\n'
        '<section class="message message-user"><p class="message-role">User</p>\n<h3>Why?</h3>\n</section>\n'
        '<section class="message message-assistant"><p class="message-role">Assistant</p>\n<h3>So.</h3>\n</section>\n'
        '<section class="message message-tool"><p class="message-role">Tool</p>\n<p>4</p>\n</section>\n'
    )


def test_a_turn_cannot_close_its_frame_or_open_anothers_fence() -> None:
    html = rendering.render_messages([Message("user", "```\nopen"), Message("assistant", "</section> **b**")]).html
    assert html.count("<section") == html.count("</section>") == 2
    assert "&lt;/section&gt; <strong>b</strong>" in html


def test_the_caps_hold_for_the_whole_conversation() -> None:
    turns = [Message("user", "a" * 60_000), Message("assistant", "b" * 60_000)]
    rendered = rendering.render_messages(turns)
    assert rendered.flags == ("source_too_long",)
    assert "User:\naaa" in rendered.html
    assert len(rendered.html) <= documents.HTML_CAP


def test_flags_of_all_turns_are_reported() -> None:
    turns = [Message("user", "$^$"), Message("assistant", "```python\n" + "a\n" * 12_000 + "```")]
    assert rendering.render_messages(turns).flags == ("code_plain", "formula_source")
