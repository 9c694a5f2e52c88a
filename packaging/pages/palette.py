"""The contrast of the stylesheet's colours, by arithmetic: axe gives no verdict about labels of one character, nor about
what is scrolled out of sight."""
import re

# Foreground, background, the least contrast (WCAG 1.4.3 for text, 1.4.11 for edges and shapes).
TEXT, SHAPE = 4.5, 3.0
PAIRS = [
    *[(name, ground, TEXT) for name in ("ink", "quiet", "accent", "accent-deep", "bad", "wait", "good")
      for ground in ("sheet", "paper", "sunk")],
    *[("ink", ground, TEXT) for ground in ("accent-soft", "good-soft", "bad-soft", "wait-soft")],
    ("on-accent", "accent", TEXT), ("on-accent", "accent-deep", TEXT), ("accent", "accent-soft", TEXT),
    ("good", "good-soft", TEXT), ("bad", "bad-soft", TEXT), ("wait", "wait-soft", TEXT),
    *[("edge", ground, SHAPE) for ground in ("sheet", "paper", "sunk")],
]


def luminance(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(block):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})\b", block))


def check(css, findings):
    """`css` is the text of portal.css."""
    blocks = re.findall(r":root \{([^{}]*)\}", css)
    light, dark = variables(blocks[0]), variables(blocks[1])
    for scheme, colours in (("light", light), ("dark", {**light, **dark})):
        for front, back, least in PAIRS:
            value = contrast(colours[front], colours[back])
            findings.expect(
                value >= least, f"portal.css {scheme}", "contrast", f"{front} on {back} is {value:.2f}, below {least}")
    # Every other colour is one of the variables, so that the pairs above are all there are.
    rest = re.sub(r":root \{[^{}]*\}", "", css)
    for literal in set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)", rest)):
        findings.expect(literal in ("#fff", "#000"), "portal.css", "colour", f"{literal} is not a variable")
