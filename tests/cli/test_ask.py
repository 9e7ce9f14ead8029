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


def test_an_answer_without_code_stays_whole_and_says_so(run: Run, script: Script) -> None:
    done = run("ask", "-x", "-m", script({"text": "no code"}), "x")
    assert done.stdout == "no code\n"
    assert "no code block" in done.stderr


def test_a_cut_reply_is_an_error_only_when_strict(run: Run) -> None:
    assert run("ask", "-m", "echo", "--max-tokens", "1", "a b c").returncode == 0
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


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["ask", "-m", "nonsense", "x"], 3, "There is no model 'nonsense'."),
        (["ask", "-m", "./missing.gguf", "x"], 3, "There is no file './missing.gguf'."),
        (["ask", "-m", "/", "x"], 5, "is a folder"),
        (["ask", "--temperature", "hot", "x"], 2, "--temperature"),
        (["ask", "--temperature", "-1", "x"], 2, "temperature must be"),
        (["ask", "--max-tokens", "0", "x"], 2, "max_tokens must be"),
        (["ask", "--timeout", "soon", "x"], 2, "--timeout"),
        (["ask", "--json", "--json-stream", "x"], 2, "exclude each other"),
        (["ask", "-o", "n_ctxx", "1", "x"], 2, "Did you mean n_ctx?"),
        (["ask", "--tempreature", "1", "x"], 2, "--temperature"),
        (["aks"], 2, "Did you mean `llm ask`?"),
        (["ask"], 2, "Standard input is empty"),
        (["ask", "  "], 2, "nothing to ask"),
        (["ask", "-m", "echo", "a", "b"], 2, "unexpected extra argument"),
    ],
)
def test_a_slip_is_one_sentence_and_its_code(
    run: Run, arguments: list[str], code: int, word: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert word in done.stderr
    assert done.stderr.startswith("llm: ")
    assert done.stderr.count("\n") == 1


def test_binary_input_is_refused_by_name(run: Run) -> None:
    done = run("ask", "-m", "echo", "x", input="a\0b")
    assert (done.returncode, done.stdout) == (2, "")
    assert "binary" in done.stderr


def test_debug_shows_where_a_failure_came_from(run: Run) -> None:
    assert "Traceback" in run("ask", "-m", "nonsense", "--debug", "x").stderr
    assert "Traceback" in run("ask", "-m", "nonsense", "x", LOCALM_DEBUG="1").stderr


def test_a_flag_goes_before_the_environment_and_that_before_the_file(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text("model: echo\nmax_tokens: 1\n")
    assert run("ask", "a b c").stdout == "a\n"
    assert run("ask", "a b c", LOCALM_MAX_TOKENS="2").stdout == "a b\n"
    assert run("ask", "a b c", "--max-tokens", "3", LOCALM_MAX_TOKENS="2").stdout == "a b c\n"


def test_a_bad_setting_is_named(run: Run, home: Path) -> None:
    done = run("ask", "x", LOCALM_TOP_P="much")
    assert (done.returncode, done.stderr) == (
        2,
        "llm: LOCALM_TOP_P must be a number, not 'much'.\n",
    )
    (home / "config.yaml").write_text("modle: echo\n")
    done = run("ask", "x")
    assert done.returncode == 2
    assert "unknown key 'modle'. Did you mean model?" in done.stderr


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
