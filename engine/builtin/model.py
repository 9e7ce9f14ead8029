"""The Qwen3 decoder in torch, small enough to read; parameter names are those of the HF folder."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .shape import Shape


class Norm(nn.Module):
    """Root mean square norm with a gain."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


class Attention(nn.Module):
    """Grouped-query attention with normed queries and keys."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        queries, keys = shape.heads * shape.head_width, shape.kv_heads * shape.head_width
        self.q_proj = nn.Linear(shape.width, queries, bias=False)
        self.k_proj = nn.Linear(shape.width, keys, bias=False)
        self.v_proj = nn.Linear(shape.width, keys, bias=False)
        self.o_proj = nn.Linear(queries, shape.width, bias=False)
        self.q_norm = Norm(shape.head_width, shape.epsilon)
        self.k_norm = Norm(shape.head_width, shape.epsilon)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        rows, length, _ = x.shape
        shape = self.shape
        # One product instead of three: calls cost more than arithmetic at this size.
        fused = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        heads = functional.linear(x, fused).view(rows, length, -1, shape.head_width)
        query, key, value = heads.split([shape.heads, shape.kv_heads, shape.kv_heads], dim=2)
        query = _rotate(self.q_norm(query), turn).transpose(1, 2)
        key = _rotate(self.k_norm(key), turn).transpose(1, 2)
        groups = shape.heads // shape.kv_heads
        mixed = functional.scaled_dot_product_attention(
            query,
            key.repeat_interleave(groups, dim=1),
            value.transpose(1, 2).repeat_interleave(groups, dim=1),
            is_causal=True,
        )
        joined = mixed.transpose(1, 2).reshape(rows, length, -1)
        return functional.linear(joined, self.o_proj.weight)


class FeedForward(nn.Module):
    """The gated layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        fused = torch.cat([self.gate_proj.weight, self.up_proj.weight])
        gate, up = functional.linear(x, fused).chunk(2, dim=-1)
        return functional.linear(functional.silu(gate) * up, self.down_proj.weight)


class Layer(nn.Module):
    """Attention, then the gated layer, each on a normed input and added back."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = FeedForward(shape)
        self.input_layernorm = Norm(shape.width, shape.epsilon)
        self.post_attention_layernorm = Norm(shape.width, shape.epsilon)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turn)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """Everything but the vocabulary matrix, which is the embedding used again."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.epsilon)
        self._initialise()

    def forward(self, ids: Tensor) -> Tensor:
        turn = _angles(self.shape, ids.shape[1])
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, turn)
        return self.norm(x)

    def loss(self, ids: Tensor, learnt: Tensor) -> Tensor:
        """Mean loss over the learnt tokens; logits are made for those alone."""
        hidden = self(ids[:, :-1])
        mask = learnt[:, 1:]
        logits = functional.linear(hidden[mask], self.embed_tokens.weight)
        return functional.cross_entropy(logits, ids[:, 1:][mask])

    def _initialise(self) -> None:
        deep = (2 * self.shape.layers) ** -0.5
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                out = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(weight, std=0.05 * (deep if out else 1.0))


def _angles(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    half = shape.head_width // 2
    speed = shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angle = torch.outer(torch.arange(length, dtype=torch.float32), speed)
    both = torch.cat([angle, angle], dim=-1)[:, None, :]
    return both.cos(), both.sin()


def _rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = turn
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat([-second, first], dim=-1) * sine
