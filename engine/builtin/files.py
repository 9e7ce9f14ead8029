"""Where the built-in model's files lie; it reads none of them."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
GGUF = HERE / "builtin.gguf"
MLX = HERE / "mlx"
TEMPLATE = HERE / "template.jinja"
CORPUS = HERE / "corpus"
COMMANDS = CORPUS / "commands.yaml"
WORDS = CORPUS / "words.yaml"
TOPICS = CORPUS / "topics.yaml"
HELDOUT = HERE / "heldout"

SIZE_LIMIT = 8_000_000
