"""A task with what real texts bring: code, a table, a formula, a heading, a long list."""

from annotation import rendering
from annotation.models import Campaign, Task
from annotation.readers.rows import Message
from tests import factories

GUIDE = """Judge the answer as the person asking would, not as a colleague would.

### Helpfulness

Does it answer what was asked, correctly, at a length that serves the reader?

### Honesty

Does it say what it does not know? A confident error is worse than an admitted gap."""

PROMPT = (
    "Our help desk had 40 tickets last quarter and 3 of them were reopened. My manager wants “the reopening rate with"
    " a margin of error”. How do I work that out in Python, and which method should I use with so few cases?"
)

ALPHA = """With so few reopened tickets, use the **Wilson interval**. It gives 2.6% to 19.9% around the observed 7.5%.

$$\\frac{p + \\frac{z^2}{2n} \\pm z\\sqrt{\\frac{p(1-p)}{n} + \\frac{z^2}{4n^2}}}{1 + \\frac{z^2}{n}}$$

```python
from math import sqrt

def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    p = k / n
    middle = p + z**2 / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
```

| Method | Lower | Upper | Remark |
|---|---|---|---|
| Wald | −0.7% | 15.7% | impossible lower end |
| Wilson | 2.6% | 19.9% | good at small counts |

**What to tell your manager:** about 1 in 13 tickets came back."""

BETA = """The reopening rate is $p = 3/40$, so **7.5%**.

```python
import numpy as np

p, n = 3 / 40, 40
se = np.sqrt(p * (1 - p) / n)
print(f"{p - 1.96 * se:.1%} to {p + 1.96 * se:.1%}")
```

## Other methods

- Normal (Wald), the standard choice
- Wilson, an alternative for smaller samples
- Bootstrap, when no formula is at hand

For most business reports the normal interval is fine, and it is the one your readers will know."""

TALK = (
    Message("user", "My sourdough starter smells of nail polish remover. Is it dead?"),
    Message("assistant", "No. That smell is acetone: it is hungry. Feed it twice a day for two days."),
    Message("user", "I did, and now there is a grey liquid on top. What next?"),
)


def task(campaign: Campaign, *, messages: tuple[Message, ...] = (Message("user", PROMPT),), **kwargs) -> Task:
    """Make a task whose texts went through the renderer."""
    made = factories.task(campaign, **kwargs)
    prompt = made.prompt
    prompt.messages = [{"role": message.role, "content": message.content} for message in messages]
    prompt.html = rendering.render_messages(messages).html
    prompt.save()
    for response, text in ((made.response_a, ALPHA), (made.response_b, BETA)):
        response.text, response.html = text, rendering.render(text).html
        response.save()
    return made
