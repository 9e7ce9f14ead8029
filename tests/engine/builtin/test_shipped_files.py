"""The shipped files: small enough, equal to one another, and complete."""

import json
from typing import Any

import gguf
import numpy
import pytest
import yaml
from safetensors.numpy import load_file

from localm.engine.builtin.files import GGUF, HELDOUT, MLX, SIZE_LIMIT, TEMPLATE
from localm.engine.builtin.shape import CONTROL, SAMPLING, SHAPE, TURN_END, VISIBLE

_PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_ENDS = {"token_embd": "embed_tokens", "output_norm": "norm"}


@pytest.fixture(scope="module")
def reader() -> gguf.GGUFReader:
    return gguf.GGUFReader(GGUF)


def _value(reader: gguf.GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    assert field is not None, key
    return field.contents()


def _hf_name(name: str) -> str:
    stem = name.removesuffix(".weight")
    if stem in _ENDS:
        return f"model.{_ENDS[stem]}.weight"
    _, layer, part = stem.split(".")
    return f"model.layers.{layer}.{_PARTS[part]}.weight"


def test_both_forms_stay_under_the_limit() -> None:
    assert GGUF.stat().st_size < SIZE_LIMIT
    assert sum(path.stat().st_size for path in MLX.iterdir()) < SIZE_LIMIT


def test_both_forms_hold_the_same_weights(reader: gguf.GGUFReader) -> None:
    folder = load_file(MLX / "model.safetensors")
    assert {_hf_name(tensor.name) for tensor in reader.tensors} == set(folder)
    for tensor in reader.tensors:
        other = folder[_hf_name(tensor.name)]
        assert other.dtype == numpy.float16
        assert tensor.data.shape == other.shape
        assert numpy.array_equal(tensor.data.astype(numpy.float16), other), tensor.name


def test_norms_are_in_full_precision(reader: gguf.GGUFReader) -> None:
    kinds = {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}
    assert all(kind == ("F32" if "norm" in name else "F16") for name, kind in kinds.items())


def test_sampling_defaults_travel_with_both(reader: gguf.GGUFReader) -> None:
    said = json.loads((MLX / "generation_config.json").read_text(encoding="utf-8"))
    assert (said["temperature"], said["top_p"], said["top_k"]) == (
        SAMPLING.temperature,
        SAMPLING.top_p,
        SAMPLING.top_k,
    )
    assert _value(reader, "general.sampling.temp") == pytest.approx(SAMPLING.temperature)
    assert _value(reader, "general.sampling.top_p") == pytest.approx(SAMPLING.top_p)
    assert _value(reader, "general.sampling.top_k") == SAMPLING.top_k


def test_both_forms_carry_the_template(reader: gguf.GGUFReader) -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    settings = json.loads((MLX / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert _value(reader, "tokenizer.chat_template") == settings["chat_template"] == template


def test_both_forms_have_the_same_vocabulary(reader: gguf.GGUFReader) -> None:
    tokens = _value(reader, "tokenizer.ggml.tokens")
    saved = json.loads((MLX / "tokenizer.json").read_text(encoding="utf-8"))
    ids = dict(saved["model"]["vocab"])
    ids |= {token["content"]: token["id"] for token in saved["added_tokens"]}
    assert len(tokens) == SHAPE.vocabulary
    assert all(tokens[index] == token for token, index in ids.items())
    assert {*CONTROL, *VISIBLE} <= set(ids)


def test_the_end_of_turn_ends_generation(reader: gguf.GGUFReader) -> None:
    tokens = _value(reader, "tokenizer.ggml.tokens")
    assert tokens[_value(reader, "tokenizer.ggml.eos_token_id")] == TURN_END
    config = json.loads((MLX / "config.json").read_text(encoding="utf-8"))
    assert tokens[config["eos_token_id"]] == TURN_END


def test_its_name_and_licence_are_in_the_file(reader: gguf.GGUFReader) -> None:
    assert _value(reader, "general.name")
    assert _value(reader, "general.license") == "apache-2.0"


@pytest.mark.parametrize("path", sorted(HELDOUT.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_heldout_questions_can_be_read(path: Any) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))
