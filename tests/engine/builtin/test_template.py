"""The chat template: what it renders, and that the corpus writes the same."""

import json
from random import Random
from typing import Any

import pytest
from jinja2 import Environment

from localm.engine.builtin.corpus.document import Call, Document, Tool, Turn
from localm.engine.builtin.corpus.mixture import EVERYTHING, draw
from localm.engine.builtin.files import TEMPLATE

_WEATHER = Tool("get_weather", "Get the weather", {"city": ("string", "The city")})


def _render(**values: Any) -> str:
    environment = Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(**values)


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.text}
    if turn.thought:
        message["reasoning_content"] = turn.thought
    if turn.call:
        function = {"name": turn.call.name, "arguments": dict(turn.call.arguments)}
        message["tool_calls"] = [{"type": "function", "function": function}]
    return message


def _through_template(document: Document) -> str:
    messages = [_message(turn) for turn in document.turns]
    return _render(messages=messages, tools=[tool.to_wire() for tool in document.tools])


_HI = {"role": "user", "content": "hi"}
_ASKED = "<|im_start|>user\nhi<|im_end|>\n"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, f"{_ASKED}<|im_start|>assistant\n"),
        ({"enable_thinking": True}, f"{_ASKED}<|im_start|>assistant\n"),
        (
            {"enable_thinking": False},
            f"{_ASKED}<|im_start|>assistant\n<think>\n\n</think>\n\n",
        ),
    ],
)
def test_the_prompt_opens_the_assistants_turn(values: dict[str, Any], expected: str) -> None:
    assert _render(messages=[_HI], add_generation_prompt=True, **values) == expected


def test_a_system_prompt_comes_first() -> None:
    text = _render(messages=[{"role": "system", "content": "Be brief."}, _HI])
    assert text == f"<|im_start|>system\nBe brief.<|im_end|>\n{_ASKED}"


def test_earlier_thoughts_are_not_sent_again() -> None:
    said = {"role": "assistant", "content": "Hello!", "reasoning_content": "A greeting."}
    text = _render(messages=[_HI, said, _HI])
    assert "A greeting." not in text
    assert "<|im_start|>assistant\n<think>\n\n</think>\n\nHello!<|im_end|>\n" in text


def test_a_thought_before_a_tool_result_is_kept() -> None:
    call = Turn("assistant", "", "It fits.", Call("get_weather", {"city": "Rome"}))
    document = Document((Turn("user", "weather in Rome"), call, Turn("tool", "rain")), (_WEATHER,))
    text = _through_template(document)
    assert "<think>\nIt fits.\n</think>\n\n<tool_call>\n" in text
    assert text.endswith("<|im_start|>user\n<tool_response>\nrain\n</tool_response><|im_end|>\n")


def test_two_results_share_a_turn() -> None:
    results = [{"role": "tool", "content": text} for text in ("rain", "sun")]
    text = _render(messages=[_HI, *results])
    assert text == (
        f"{_ASKED}<|im_start|>user\n<tool_response>\nrain\n</tool_response>"
        "\n<tool_response>\nsun\n</tool_response><|im_end|>\n"
    )


def test_arguments_may_come_as_a_string() -> None:
    function = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": function}]}
    expected = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>'
    assert expected in _render(messages=[_HI, call])


def test_the_corpus_is_written_as_the_template_renders() -> None:
    random = Random(8)
    for _ in range(300):
        document = draw(random, EVERYTHING)
        assert document.text() == _through_template(document)
