"""The byte-level BPE vocabulary: trained on the corpus, digits one by one, marks at its end."""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from .corpus.document import Document
from .shape import CONTROL, SHAPE, VISIBLE

# llama.cpp knows this pattern as `qwen2`.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], path: Path) -> Tokenizer:
    """Learn the merges from `texts` and save the tokenizer."""
    marks = (*CONTROL, *VISIBLE)
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(PATTERN), "isolated"),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=SHAPE.vocabulary - len(marks),
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((_without_marks(text) for text in texts), trainer)
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in CONTROL])
    tokenizer.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in VISIBLE])
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer that `train_tokenizer` saved."""
    return Tokenizer.from_file(str(path))


def encode(tokenizer: Tokenizer, document: Document) -> tuple[list[int], list[bool]]:
    """Token ids and, for each, whether the loss counts it.

    Neighbouring pieces that differ in it are split at marks or line ends, where no merge crosses.
    """
    ids: list[int] = []
    learnt: list[bool] = []
    for text, counts in document.segments():
        piece = tokenizer.encode(text, add_special_tokens=False).ids
        ids += piece
        learnt += [counts] * len(piece)
    return ids, learnt


def _without_marks(text: str) -> str:
    for mark in (*CONTROL, *VISIBLE):
        text = text.replace(mark, "\n")
    return text
