"""Endless padded batches of one stage; documents of like length go together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .corpus.mixture import draw
from .shape import END_OF_TEXT, SHAPE
from .tokenizer import encode

_TOKENS = 1100
_POOL = 160
_LONGEST = 700

Row = tuple[list[int], list[bool]]


@dataclass(frozen=True, slots=True)
class Batches:
    """Where batches come from: a tokenizer, a mixture, and a seed."""

    tokenizer: Tokenizer
    weights: Mapping[str, float]
    repeats: float
    seed: int

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        random = Random(self.seed)
        while True:
            rows = [row for row in self._rows(random) if len(row[0]) <= _LONGEST]
            rows.sort(key=lambda row: len(row[0]))
            groups = list(_group(rows))
            random.shuffle(groups)
            for group in groups:
                yield self._pad(group)

    def _rows(self, random: Random) -> Iterator[Row]:
        for _ in range(_POOL):
            if random.random() < self.repeats:
                yield _repeat(random)
            else:
                yield encode(self.tokenizer, draw(random, self.weights))

    def _pad(self, rows: list[Row]) -> tuple[Tensor, Tensor]:
        width = max(len(ids) for ids, _ in rows)
        blank = self.tokenizer.token_to_id(END_OF_TEXT)
        ids = [row + [blank] * (width - len(row)) for row, _ in rows]
        learnt = [row + [False] * (width - len(row)) for _, row in rows]
        return torch.tensor(ids), torch.tensor(learnt)


def _group(rows: list[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        if group and (len(group) + 1) * len(row[0]) > _TOKENS:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _repeat(random: Random) -> Row:
    """Random tokens, twice: the quickest way to learn to look back."""
    first = [random.randrange(256, SHAPE.vocabulary - 16) for _ in range(random.randint(5, 50))]
    return first * 2, [False] * (len(first) + 1) + [True] * (len(first) - 1)
