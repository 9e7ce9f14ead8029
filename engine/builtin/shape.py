"""The model's measurements, marks and sampling defaults: values that training and export share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A Qwen3 decoder with tied embeddings."""

    vocabulary: int = 2048
    width: int = 128
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_width: int = 32
    feed_forward: int = 384
    context: int = 2048
    rope_base: float = 10_000.0
    epsilon: float = 1e-6


@dataclass(frozen=True, slots=True)
class Sampling:
    """What the files propose when a request names no sampling of its own."""

    temperature: float = 0.2
    top_p: float = 0.9
    top_k: int = 20


SHAPE = Shape()
SAMPLING = Sampling()

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
CONTROL = (END_OF_TEXT, TURN_START, TURN_END)
# Rendered as text by llama.cpp, so that its chat handler sees them.
VISIBLE = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
