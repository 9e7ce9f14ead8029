"""Our values in the form of OpenAI's chat completions, which llama.cpp and remote servers take.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from ..messages import Message, ToolResultPart
from ..tools import ToolSpec


def chat_messages(messages: tuple[Message, ...]) -> list[dict[str, object]]:
    """The conversation. Thoughts go back only within the turn, from a call to its result."""
    asked = [index for index, message in enumerate(messages) if message.role == "user"]
    turn = asked[-1] if asked else 0
    return [
        form
        for index, message in enumerate(messages)
        for form in _forms(message, with_thought=index > turn)
    ]


def tool_definitions(tools: tuple[ToolSpec, ...]) -> list[dict[str, object]]:
    """The tools on offer."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def _forms(message: Message, *, with_thought: bool) -> list[dict[str, object]]:
    results = [part for part in message.parts if isinstance(part, ToolResultPart)]
    if results:
        return [
            {"role": "tool", "tool_call_id": part.id, "name": part.name, "content": part.text}
            for part in results
        ]
    form: dict[str, object] = {"role": message.role, "content": message.text}
    if with_thought and message.thinking:
        form["reasoning_content"] = message.thinking
    if message.tool_calls:
        form["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return [form]
