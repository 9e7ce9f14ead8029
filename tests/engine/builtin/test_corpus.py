"""The corpus: sums are right, documents end their turns, every command can be asked for."""

import json
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.engine.builtin.corpus import arithmetic, extraction, manual, tool_calls
from localm.engine.builtin.corpus.document import Document, without_thoughts
from localm.engine.builtin.corpus.mixture import COPYING, EVERYTHING, FINISH, SKILLS, draw

_NUMBERS = st.integers(min_value=0, max_value=9999)
_STEP = re.compile(r"((?:\d+ [-+*] )+\d+) = (\d+)")


def _value(sum_: str) -> int:
    first, *rest = sum_.split()
    total = int(first)
    for sign, number in zip(rest[::2], rest[1::2], strict=True):
        total = arithmetic.result(sign, total, int(number))
    return total


@given(st.sampled_from("+-*"), _NUMBERS, _NUMBERS)
def test_every_step_of_a_thought_is_right(operation: str, a: int, b: int) -> None:
    b = b % 10 if operation == "*" else b
    thought = arithmetic.think(operation, a, b)
    for left, right in _STEP.findall(thought):
        assert _value(left) == int(right), thought
    assert thought.endswith(f"Result: {arithmetic.result(operation, a, b)}")


@given(_NUMBERS, _NUMBERS)
def test_columns_of_a_sum_spell_its_result(a: int, b: int) -> None:
    lines = arithmetic.think("+", a, b).splitlines()[1:-1]
    totals = [int(line.split(" = ")[1].split(",")[0]) for line in lines]
    last = totals[-1]
    digits = [total % 10 for total in totals[:-1]] + [last % 10, last // 10]
    assert sum(digit * 10**place for place, digit in enumerate(digits)) == a + b


@given(_NUMBERS, _NUMBERS)
def test_columns_of_a_difference_spell_its_result(a: int, b: int) -> None:
    lines = arithmetic.think("-", max(a, b), min(a, b)).splitlines()[1:-1]
    digits = [int(line.split(" = ")[1].split(",")[0]) for line in lines]
    assert sum(digit * 10**place for place, digit in enumerate(digits)) == abs(a - b)


@pytest.mark.parametrize("divisor", range(2, 11))
def test_division_names_the_quotient(divisor: int) -> None:
    assert arithmetic.think("/", divisor * 7, divisor).endswith("Result: 7")


@pytest.mark.parametrize("skill", SKILLS)
def test_documents_end_with_a_learnt_end_of_turn(skill: str) -> None:
    random = Random(3)
    for _ in range(200):
        document = SKILLS[skill](random)
        for each in (document, without_thoughts(document)):
            _check_turns(each)


def _check_turns(document: Document) -> None:
    segments = list(document.segments())
    text = document.text()
    assert document.turns[-1].role == "assistant"
    assert text.count("<|im_start|>") == text.count("<|im_end|>")
    ends = [piece for piece, learnt in segments if learnt and piece.endswith("<|im_end|>")]
    assert len(ends) == sum(turn.role == "assistant" for turn in document.turns)
    assert segments[-2][1]
    assert segments[-2][0].endswith("<|im_end|>")


def test_no_thought_is_learnt_with_thinking_off() -> None:
    random = Random(4)
    for _ in range(200):
        document = without_thoughts(draw(random, EVERYTHING))
        assert all("<think>" not in piece for piece, learnt in document.segments() if learnt)


@pytest.mark.parametrize("weights", [COPYING, EVERYTHING, FINISH])
def test_mixtures_name_known_skills(weights: dict[str, float]) -> None:
    assert set(weights) <= set(SKILLS)


@pytest.mark.parametrize("command", manual.commands(), ids=lambda command: command.command)
def test_every_command_can_be_asked_for(command: manual.Command) -> None:
    assert command.command.startswith("llm ")
    assert len(command.asks) >= 3
    assert len(set(command.asks)) == len(command.asks)


def test_no_two_commands_are_asked_for_alike() -> None:
    asks = [ask for command in manual.commands() for ask in command.asks]
    assert {ask for ask in asks if asks.count(ask) > 1} == set()


def test_extraction_answers_are_in_the_text() -> None:
    random = Random(5)
    for _ in range(300):
        document = extraction.write(random)
        found = json.loads(document.turns[1].text)
        assert found
        assert all(str(value) in document.turns[0].text for value in found.values())


def test_calls_name_an_offered_tool_with_all_its_arguments() -> None:
    random = Random(6)
    for _ in range(300):
        document = tool_calls.write(random)
        offered = {tool.name: set(tool.parameters) for tool in document.tools}
        for turn in document.turns:
            if turn.call:
                assert set(turn.call.arguments) == offered[turn.call.name]
