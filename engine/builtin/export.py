"""Writes a checkpoint as the two shipped forms: one GGUF file and one MLX folder, equal weights."""

import json
from pathlib import Path

import numpy
import torch
from gguf import GGUFWriter, LlamaFileType, TokenType
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from .files import GGUF, MLX, SIZE_LIMIT, TEMPLATE
from .shape import CONTROL, END_OF_TEXT, SAMPLING, SHAPE, TURN_END, VISIBLE
from .tokenizer import load_tokenizer

Weights = dict[str, NDArray[numpy.float16]]

_NAME = "localm builtin"
_PARTS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_ENDS = {"embed_tokens": "token_embd", "norm": "output_norm"}


def export(checkpoint: Path, vocabulary: Path, gguf: Path = GGUF, mlx: Path = MLX) -> None:
    """Write both forms from the checkpoint at `checkpoint`."""
    state = torch.load(checkpoint, map_location="cpu")["model"]
    # Both forms round to half precision here, once, so that they are the same model.
    weights = {name: weight.half().numpy() for name, weight in state.items()}
    write_gguf(weights, load_tokenizer(vocabulary), gguf)
    write_mlx(weights, vocabulary, mlx)
    (mlx / "model.safetensors").chmod(0o644)
    for path in (gguf, mlx / "model.safetensors"):
        assert path.stat().st_size < SIZE_LIMIT, f"{path} is too large"


def gguf_name(name: str) -> str:
    """What llama.cpp calls the weight that the HF form calls `name`."""
    stem = name.removesuffix(".weight")
    if stem in _ENDS:
        return f"{_ENDS[stem]}.weight"
    _, layer, part = stem.split(".", 2)
    return f"blk.{layer}.{_PARTS[part]}.weight"


def write_gguf(weights: Weights, tokenizer: Tokenizer, path: Path) -> None:
    """The file for llama.cpp: half precision, norms in full."""
    writer = GGUFWriter(path, "qwen3")
    _describe(writer)
    _measure(writer)
    _spell(writer, tokenizer)
    for name, weight in weights.items():
        full = weight.ndim == 1
        writer.add_tensor(gguf_name(name), weight.astype(numpy.float32) if full else weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: GGUFWriter) -> None:
    writer.add_type("model")
    writer.add_name(_NAME)
    writer.add_description("The small model that comes with localm: its manual, sums, tools, JSON.")
    writer.add_license("apache-2.0")
    writer.add_languages(["en"])
    writer.add_size_label("1.4M")
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_sampling_temp(SAMPLING.temperature)
    writer.add_sampling_top_p(SAMPLING.top_p)
    writer.add_sampling_top_k(SAMPLING.top_k)


def _measure(writer: GGUFWriter) -> None:
    writer.add_vocab_size(SHAPE.vocabulary)
    writer.add_context_length(SHAPE.context)
    writer.add_embedding_length(SHAPE.width)
    writer.add_block_count(SHAPE.layers)
    writer.add_feed_forward_length(SHAPE.feed_forward)
    writer.add_head_count(SHAPE.heads)
    writer.add_head_count_kv(SHAPE.kv_heads)
    writer.add_key_length(SHAPE.head_width)
    writer.add_value_length(SHAPE.head_width)
    writer.add_layer_norm_rms_eps(SHAPE.epsilon)
    writer.add_rope_freq_base(SHAPE.rope_base)
    writer.add_rope_dimension_count(SHAPE.head_width)


def _spell(writer: GGUFWriter, tokenizer: Tokenizer) -> None:
    tokens, kinds = [], []
    for index in range(SHAPE.vocabulary):
        token = tokenizer.id_to_token(index)
        tokens.append(token or f"[PAD{index}]")
        kinds.append(_kind(token))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.token_to_id(END_OF_TEXT))
    writer.add_eos_token_id(tokenizer.token_to_id(TURN_END))
    writer.add_pad_token_id(tokenizer.token_to_id(END_OF_TEXT))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))


def _kind(token: str | None) -> TokenType:
    if token is None:
        return TokenType.UNUSED
    if token in CONTROL:
        return TokenType.CONTROL
    return TokenType.USER_DEFINED if token in VISIBLE else TokenType.NORMAL


def write_mlx(weights: Weights, vocabulary: Path, folder: Path) -> None:
    """The folder for mlx-lm, which is also the Hugging Face form."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"model.{name}": weight for name, weight in weights.items()}
    save_file(named, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "tokenizer.json").write_bytes(vocabulary.read_bytes())
    tokenizer = load_tokenizer(vocabulary)
    end = tokenizer.token_to_id(TURN_END)
    pad = tokenizer.token_to_id(END_OF_TEXT)
    _write(folder / "config.json", _config(end))
    _write(folder / "tokenizer_config.json", _tokenizer_config())
    sampling = {
        "do_sample": True,
        "temperature": SAMPLING.temperature,
        "top_p": SAMPLING.top_p,
        "top_k": SAMPLING.top_k,
    }
    _write(
        folder / "generation_config.json", {"eos_token_id": end, "pad_token_id": pad, **sampling}
    )


def _config(end: int) -> dict[str, object]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": SHAPE.vocabulary,
        "hidden_size": SHAPE.width,
        "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads,
        "num_key_value_heads": SHAPE.kv_heads,
        "head_dim": SHAPE.head_width,
        "intermediate_size": SHAPE.feed_forward,
        "max_position_embeddings": SHAPE.context,
        "rms_norm_eps": SHAPE.epsilon,
        "rope_theta": SHAPE.rope_base,
        "rope_scaling": None,
        "hidden_act": "silu",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "eos_token_id": end,
    }


def _tokenizer_config() -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": SHAPE.context,
        "eos_token": TURN_END,
        "pad_token": END_OF_TEXT,
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE.read_text(encoding="utf-8"),
    }


def _write(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
