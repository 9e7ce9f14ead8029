"""GGUF files with random weights and a real tokenizer: any shape, no download.

They speak nonsense, but they load, count, stream and cancel like any other model.
"""

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CHATML = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


@dataclass(frozen=True)
class Shape:
    """The sizes of a Qwen2 model; `vocabulary` counts the three special tokens too."""

    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    vocabulary: int
    context: int = 32768


TINY = Shape(layers=2, width=64, feed_forward=128, heads=2, kv_heads=1, vocabulary=512)
SMALL = Shape(layers=12, width=512, feed_forward=1536, heads=8, kv_heads=2, vocabulary=8192)
LARGE = Shape(layers=16, width=1024, feed_forward=4096, heads=8, kv_heads=2, vocabulary=65536)
HALF_BILLION = Shape(
    layers=24, width=896, feed_forward=4864, heads=14, kv_heads=2, vocabulary=151936
)


def write_random_model(
    path: Path,
    shape: Shape,
    *,
    seed: int = 1,
    template: str = CHATML,
    never_stop: bool = False,
    top_k: int | None = None,
) -> Path:
    """Write a Q8_0 Qwen2 GGUF of `shape`.

    With `never_stop` the tokens that end a turn are never chosen; `top_k` is what the file
    proposes for sampling.
    """
    writer = gguf.GGUFWriter(path, "qwen2")
    if top_k is not None:
        writer.add_sampling_top_k(top_k)
    _write_header(writer, shape, template)
    random = np.random.default_rng(seed)
    for name, size in _tensors(shape):
        if len(size) == 1:
            one = np.zeros(size) if name.endswith("bias") else np.ones(size)
            writer.add_tensor(name, one.astype(np.float32))
        else:
            values = random.standard_normal(size, dtype=np.float32) * 0.05
            if never_stop and name == "token_embd.weight":
                values[-len(SPECIAL) :] = 0  # never among the likely ones
            quantized = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, quantized, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_header(writer: gguf.GGUFWriter, shape: Shape, template: str) -> None:
    writer.add_name("random")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    tokens, types, merges = _vocabulary(shape.vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)


def _vocabulary(size: int) -> tuple[list[str], list[int], list[str]]:
    """Every byte, then pairs of letters with their merges, then made-up words, then specials."""
    letters = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 256))]
    alphabet = letters + [chr(256 + index) for index in range(256 - len(letters))]
    small = "abcdefghijklmnopqrstuvwxyz"
    pairs = [a + b for a in small for b in small][: max(0, size - len(alphabet) - len(SPECIAL))]
    merges = [f"{pair[0]} {pair[1]}" for pair in pairs]
    words = [f"w{index}" for index in range(size - len(alphabet) - len(pairs) - len(SPECIAL))]
    tokens = alphabet + pairs + words + list(SPECIAL)
    normal, control = int(gguf.TokenType.NORMAL), int(gguf.TokenType.CONTROL)
    types = [normal] * (size - len(SPECIAL)) + [control] * len(SPECIAL)
    return tokens, types, merges


def _tensors(shape: Shape) -> list[tuple[str, tuple[int, ...]]]:
    kv_width = shape.width // shape.heads * shape.kv_heads
    width, inner = shape.width, shape.feed_forward
    tensors: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (shape.vocabulary, width)),
        ("output_norm.weight", (width,)),
    ]
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        tensors += [
            (f"{block}.attn_norm.weight", (width,)),
            (f"{block}.attn_q.weight", (width, width)),
            (f"{block}.attn_q.bias", (width,)),
            (f"{block}.attn_k.weight", (kv_width, width)),
            (f"{block}.attn_k.bias", (kv_width,)),
            (f"{block}.attn_v.weight", (kv_width, width)),
            (f"{block}.attn_v.bias", (kv_width,)),
            (f"{block}.attn_output.weight", (width, width)),
            (f"{block}.ffn_norm.weight", (width,)),
            (f"{block}.ffn_gate.weight", (inner, width)),
            (f"{block}.ffn_up.weight", (inner, width)),
            (f"{block}.ffn_down.weight", (width, inner)),
        ]
    return tensors
