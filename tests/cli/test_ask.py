"""`llm ask` as a script sees it: exit code, standard output and standard error apart."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Script = Callable[..., str]


def test_the_answer_and_nothing_else_goes_to_standard_output(run: Run, script: Script) -> None:
    done = run("ask", "-m", script({"thinking": "hm"}, {"text": "yes"}), "really?")
    assert (done.returncode, done.stdout, done.stderr) == (0, "yes\n", "")


def test_some_text_alone_is_a_question(run: Run) -> None:
    assert run("hello there", "-m", "echo").stdout == "hello there\n"


def test_markdown_is_left_raw_in_a_pipe(run: Run, script: Script) -> None:
    done = run("ask", "-m", script({"text": "# T\n\n**b**\n"}), "x")
    assert done.stdout == "# T\n\n**b**\n"


def test_standard_input_comes_before_the_argument(run: Run) -> None:
    done = run("ask", "-m", "echo", "summarize", input="the text\n")
    assert done.stdout == "the text\n\nsummarize\n"


def test_standard_input_alone_is_the_prompt(run: Run) -> None:
    assert run("ask", "-m", "echo", input="only this").stdout == "only this\n"
    assert run("ask", "-m", "echo", "-", input="only this").stdout == "only this\n"


def test_standard_input_is_left_alone_when_told(run: Run) -> None:
    assert run("ask", "-m", "echo", "--no-stdin", "arg", input="piped").stdout == "arg\n"
    told = run("ask", "-m", "echo", "arg", input="piped", LOCALM_NO_STDIN="1")
    assert told.stdout == "arg\n"


def test_a_shell_loop_over_a_file_keeps_its_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("one x\ntwo x\nthree x\n")
    loop = f'while read -r line; do llm ask -m echo "$line"; done < {tmp_path}/lines'
    import sys

    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", f"PATH={path}; {loop}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "one x\ntwo x\nthree x\n"


def test_an_answer_can_be_captured_without_its_thought(run: Run, script: Script) -> None:
    done = run("ask", "-m", script({"thinking": "hm"}, {"text": "a"}), "--show-thinking", "x")
    assert (done.stdout, done.stderr) == ("a\n", "hm\n\n")


def test_usage_goes_to_standard_error(run: Run) -> None:
    done = run("ask", "-m", "echo", "-u", "one two")
    assert done.stdout == "one two\n"
    assert done.stderr.startswith("prompt 3 tokens; reply 2 tokens")


def test_json_is_one_object(run: Run, script: Script) -> None:
    done = run("ask", "--json", "-m", script({"thinking": "hm"}, {"text": "a"}), "x")
    answer = json.loads(done.stdout)
    assert answer["text"] == "a"
    assert answer["thinking"] == "hm"
    assert answer["finish_reason"] == "stop"
    assert answer["usage"]["thinking_tokens"] == 1
    assert answer["error"] is None
    assert done.stdout.count("\n") == 1


def test_json_tells_an_error_and_what_came_before_it(run: Run, script: Script) -> None:
    done = run("ask", "--json", "-m", script({"text": "half"}, {"error": "It broke."}), "x")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["text"], answer["error"]["message"]) == (5, "half", "It broke.")
    assert done.stderr == "llm: It broke.\n"


def test_json_stream_is_one_event_per_line(run: Run, script: Script) -> None:
    done = run("ask", "--json-stream", "-m", script({"thinking": "hm"}, {"text": "a"}), "x")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = ["started", "progress", "thinking", "assistant", "usage", "finished"]
    assert [event["type"] for event in events] == kinds
    assert events[-1]["message"]["parts"][1] == {"type": "text", "text": "a"}


def test_no_stream_prints_the_whole_answer(run: Run, script: Script) -> None:
    model = script({"text": "a"}, {"text": "b"})
    assert run("ask", "--no-stream", "-m", model, "x").stdout == "ab\n"


def test_the_first_code_block_can_be_extracted(run: Run, script: Script) -> None:
    text = "Here:\n\n```python\nprint(1)\n```\n\nand\n\n```\nother\n```\n"
    assert run("ask", "-x", "-m", script({"text": text}), "x").stdout == "print(1)\n"


def test_an_answer_without_code_is_not_taken_for_code(run: Run, script: Script) -> None:
    done = run("ask", "-x", "-m", script({"text": "rm is dangerous"}), "x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "rm is dangerous\nllm: There is no code block in the answer.\n"


def test_code_that_failed_half_way_is_not_lost(run: Run, script: Script) -> None:
    half = {"text": "It is:\n\n"}
    done = run("ask", "-m", script(half, {"error": "generation_failed"}), "-x", "x")
    assert (done.returncode, done.stdout) == (5, "")
    assert "It is:" in done.stderr
    assert "There is no code block" not in done.stderr


def test_json_keeps_an_answer_without_code(run: Run, script: Script) -> None:
    done = run("ask", "-x", "--json", "-m", script({"text": "no code"}), "x")
    assert (done.returncode, json.loads(done.stdout)["text"]) == (1, "no code")


def test_json_tells_that_there_is_no_code(run: Run, script: Script) -> None:
    done = run("ask", "-m", script({"text": "no code"}), "--json", "-x", "x")
    assert json.loads(done.stdout)["error"]["kind"] == "no_code_block"


def test_json_tells_that_the_time_was_up(run: Run, script: Script) -> None:
    model = script({"text": "a"}, {"delay_ms": 60_000})
    done = run("ask", "-m", model, "--json", "--timeout", "1s", "x")
    told = json.loads(done.stdout)
    assert (told["error"]["kind"], told["text"]) == ("timeout", "a")


def test_a_cut_reply_is_an_error_only_when_strict(run: Run) -> None:
    done = run("ask", "-m", "echo", "--max-tokens", "1", "a b c")
    assert (done.returncode, done.stdout) == (0, "a\n")
    assert done.stderr == "llm: The reply was cut after 1 tokens: --max-tokens 1.\n"
    strict = run("ask", "-m", "echo", "--max-tokens", "1", "--strict", "a b c")
    assert (strict.returncode, strict.stdout) == (8, "a\n")


def test_a_time_limit_keeps_what_came(run: Run, script: Script) -> None:
    slow = script({"text": "first"}, {"delay_ms": 60_000}, {"text": "never"})
    done = run("ask", "-m", slow, "--timeout", "0.5s", "x")
    assert (done.returncode, done.stdout) == (1, "first\n")
    assert "--timeout" in done.stderr


def test_a_prompt_past_the_window_exits_4_with_the_numbers(run: Run, script: Script) -> None:
    done = run("ask", "-m", script({"text": "a"}, window=5), "one two three four five six")
    assert (done.returncode, done.stdout) == (4, "")
    assert "7 tokens" in done.stderr
    assert "5" in done.stderr


def test_a_flag_goes_before_the_environment_and_that_before_the_file(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text("model: echo\nmax_tokens: 1\n")
    assert run("ask", "a b c").stdout == "a\n"
    assert run("ask", "a b c", LOCALM_MAX_TOKENS="2").stdout == "a b\n"
    assert run("ask", "a b c", "--max-tokens", "3", LOCALM_MAX_TOKENS="2").stdout == "a b c\n"


def test_an_option_pair_goes_before_the_environment(run: Run) -> None:
    done = run("ask", "-m", "echo", "-o", "max_tokens", "2", "a b c", LOCALM_MAX_TOKENS="1")
    assert done.stdout == "a b\n"


def test_one_form_of_output_asked_for_replaces_the_other_in_the_environment(run: Run) -> None:
    done = run("ask", "-m", "echo", "--json-stream", "hi", LOCALM_JSON="1")
    assert json.loads(done.stdout.splitlines()[0])["type"] == "started"


def test_json_loses_nothing_where_the_output_has_few_characters(run: Run, script: Script) -> None:
    model = script({"text": "naïve 日本"})
    done = run("ask", "-m", model, "--json", "x", PYTHONIOENCODING="latin1", PYTHONUTF8="0")
    assert json.loads(done.stdout)["text"] == "naïve 日本"


@pytest.mark.parametrize("text", ["- one\n- two", "-5 + 3?"])
def test_text_may_begin_with_a_dash(run: Run, text: str) -> None:
    assert run("ask", "-m", "echo", "--", text).stdout == f"{text}\n"


@pytest.mark.parametrize("more", [("-o", "stop", "3"), ("--stop", "3")])
def test_every_stop_string_counts(run: Run, more: tuple[str, ...]) -> None:
    done = run("ask", "--no-think", "--stop", "zzz", *more, "What is 12 + 30?")
    assert "3" not in done.stdout
    assert done.stdout.startswith("12")


@pytest.mark.parametrize(
    "arguments", [("-5 + 3",), ("-m", "echo", "hi there"), ("hi there", "-m", "echo")]
)
def test_a_text_with_a_space_needs_no_command(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, LOCALM_MODEL="echo")
    assert done.stdout.strip() in arguments


def test_what_is_piped_in_needs_no_command(run: Run) -> None:
    assert run(input="hi there\n", LOCALM_MODEL="echo").stdout == "hi there\n"


def test_a_list_alone_is_a_question(run: Run) -> None:
    assert run("- a b", LOCALM_MODEL="echo").stdout == "- a b\n"
    assert run("--", "a b", LOCALM_MODEL="echo").stdout == "a b\n"


def test_the_same_seed_gives_the_same_answer(run: Run, tiny_model: Path) -> None:
    command = ("ask", "-m", str(tiny_model), "--max-tokens", "12", "hi", "--seed")
    assert run(*command, "1").stdout == run(*command, "1").stdout
    assert run(*command, "1").stdout != run(*command, "2").stdout


def test_a_system_prompt_reaches_the_model(run: Run, tiny_model: Path) -> None:
    command = ("ask", "-m", str(tiny_model), "--max-tokens", "1", "--json", "hi")
    plain, instructed = run(*command), run(*command, "-s", "Be brief and kind.")
    count = [json.loads(each.stdout)["usage"]["prompt_tokens"] for each in (plain, instructed)]
    assert count[1] > count[0] + 5


def test_a_stop_string_ends_the_answer(run: Run, tiny_model: Path) -> None:
    command = ("ask", "-m", str(tiny_model), "--max-tokens", "40", "--temperature", "0", "hi")
    whole = run(*command).stdout
    stop = whole[len(whole) // 2 :][:2]
    assert run(*command, "--stop", stop).stdout.rstrip("\n") == whole[: whole.index(stop)]


@pytest.mark.parametrize(("flag", "thinks"), [("--think", True), ("--no-think", False)])
def test_thinking_can_be_turned_on_and_off(run: Run, flag: str, thinks: bool) -> None:
    done = run("ask", flag, "--temperature", "0", "--json", "What is 12 + 30?")
    assert bool(json.loads(done.stdout)["thinking"]) is thinks


def test_usage_tells_the_time_of_everything(run: Run) -> None:
    usage = json.loads(run("ask", "--json", "hi").stdout)["usage"]
    assert all(usage[f"{name}_ms"] > 0 for name in ("load", "prefill", "first_token", "decode"))


def test_version_and_help_need_no_model(run: Run) -> None:
    assert run("--version").stdout.startswith("llm 0.")
    assert "ask" in run("--help").stdout
    assert "--temperature" in run("ask", "-h").stdout


def test_the_module_is_the_command_too() -> None:
    import sys

    command = [sys.executable, "-m", "localm", "ask", "-m", "echo", "hi you"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout == "hi you\n"
