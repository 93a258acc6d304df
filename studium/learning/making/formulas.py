"""Simple formulas in TeX as a line of text, since a card is shown without a typesetter. What is not simple is left."""
# ruff: noqa: RUF001 - formulas have Greek letters

import re

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "Sigma": "Σ", "tau": "τ", "phi": "φ",
    "Phi": "Φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Omega": "Ω", "times": "×", "cdot": "·", "pm": "±", "approx": "≈",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "to": "→", "rightarrow": "→", "infty": "∞", "propto": "∝",
    "log": "log", "ln": "ln", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "quad": " ",
}  # fmt: skip
_NAMED = re.compile(r"\\([A-Za-z]+)(?![A-Za-z])")
_TEXT = re.compile(r"\\(?:mathrm|text|mathit|mathbf|operatorname)\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\{([^{}]*)\}")
_DOT = re.compile(r"\\dot\{([A-Za-z])\}")
_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")


def readable(tex: str) -> str | None:
    """A formula as people write it in a line; None when it is more than that takes."""
    text = _TEXT.sub(r"\1", re.sub(r"\\[,;:!]|~", " ", tex))
    text = _ROOT.sub(r"√(\1)", _DOT.sub("\\1\u0307", text))
    text = _FRACTION.sub(lambda found: f"{_grouped(found[1])}/{_grouped(found[2])}", text)
    text = _SCRIPT.sub(lambda found: f"{found[1]}{_grouped(found[2])}", text)
    text = re.sub(r"\\(?:left|right)", "", text)
    text = " ".join(_NAMED.sub(lambda found: _GREEK.get(found[1], found[0]), text).split())
    return None if re.search(r"[\\{}&]", text) else text


def _grouped(text: str) -> str:
    inside = text.strip()
    return inside if re.fullmatch(r"[\w.,/]+", inside) else f"({inside})"
