"""Sums: the thought names the operation, then goes column by column."""

from random import Random

from .document import Document, ask

_PLACES = ("units", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands")
_FRAMES = (
    "what is {}?",
    "What is {}?",
    "{}",
    "{} = ?",
    "{}=",
    "calculate {}",
    "compute {}",
    "how much is {}?",
    "What's {}?",
    "please work out {}",
    "can you tell me {}?",
    "work out {}",
    "whats {}",
    "solve {}",
)
_WORDINGS: dict[str, tuple[str, ...]] = {
    "+": (
        "{a} + {b}",
        "{a}+{b}",
        "{a} plus {b}",
        "the sum of {a} and {b}",
        "{a} and {b} together",
        "{a} added to {b}",
        "the total of {a} and {b}",
        "{a} increased by {b}",
    ),
    "-": (
        "{a} - {b}",
        "{a}-{b}",
        "{a} minus {b}",
        "the difference of {a} and {b}",
        "{a} take away {b}",
        "{a} less {b}",
        "{a} reduced by {b}",
    ),
    "*": (
        "{a} * {b}",
        "{a}*{b}",
        "{a} times {b}",
        "{a} x {b}",
        "the product of {a} and {b}",
        "{a} multiplied by {b}",
    ),
    "/": ("{a} / {b}", "{a}/{b}", "{a} divided by {b}", "{a} over {b}"),
}
_STORIES: dict[str, tuple[str, ...]] = {
    "+": (
        "I have {a} {things} and get {b} more. How many do I have?",
        "There are {a} {things} here and {b} there. How many in all?",
        "a shop has {a} {things} and buys {b} more. how many now?",
    ),
    "-": (
        "I have {a} {things} and give away {b}. How many are left?",
        "There were {a} {things} and {b} are gone. How many remain?",
        "a shop has {a} {things} and sells {b}. how many are left?",
    ),
    "*": (
        "There are {a} boxes with {b} {things} each. How many {things}?",
        "{a} people have {b} {things} each. how many is that?",
    ),
    "/": (
        "{a} {things} are shared by {b} people. How many each?",
        "I put {a} {things} into {b} equal bags. how many in each?",
    ),
}
_THINGS = ("apples", "books", "coins", "pens", "eggs", "cards", "stones", "cups", "tickets")


def write(random: Random) -> Document:
    """One problem."""
    operation = random.choices("+-*/", (38, 38, 16, 8))[0]
    a, b = _operands(random, operation)
    return ask(
        _question(random, operation, a, b),
        f"{a} {operation} {b} = {result(operation, a, b)}",
        think(operation, a, b),
    )


def result(operation: str, a: int, b: int) -> int:
    """The answer; division comes out even."""
    match operation:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case _:
            return a // b


def think(operation: str, a: int, b: int) -> str:
    """The steps, one a line."""
    steps = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide}[operation](a, b)
    return "\n".join([f"Calculate: {a} {operation} {b}", *steps])


def _add(a: int, b: int) -> list[str]:
    lines, carry = [], 0
    for place, (x, y) in enumerate(_columns(a, b)):
        total = x + y + carry
        carried = f" + {carry}" if carry else ""
        carry = total // 10
        note = f", write {total % 10} carry {carry}" if carry else ""
        lines.append(f"{_PLACES[place]}: {x} + {y}{carried} = {total}{note}")
    return [*lines, f"Result: {a + b}"]


def _subtract(a: int, b: int) -> list[str]:
    if a < b:
        return [f"{a} is less than {b}: negative, {b} - {a}", *_take_away(b, a), f"Result: {a - b}"]
    return [*_take_away(a, b), f"Result: {a - b}"]


def _take_away(a: int, b: int) -> list[str]:
    lines, borrow = [], 0
    for place, (x, y) in enumerate(_columns(a, b)):
        taken = y + borrow
        lent = f" - {borrow}" if borrow else ""
        borrow = int(x < taken)
        high = f"1{x}" if borrow else str(x)
        note = ", borrow 1" if borrow else ""
        lines.append(f"{_PLACES[place]}: {high} - {y}{lent} = {x - taken + 10 * borrow}{note}")
    return lines


def _multiply(a: int, b: int) -> list[str]:
    if a < b:
        a, b = b, a
    lines, total = [], 0
    for place, digit in enumerate(reversed(str(a))):
        if digit == "0":
            continue
        part = int(digit) * 10**place
        before, total = total, total + part * b
        line = f"{part} * {b} = {part * b}"
        lines.append(f"{line}, {before} + {part * b} = {total}" if before else line)
    return [*lines, f"Result: {total}"]


def _divide(a: int, b: int) -> list[str]:
    return [f"{b} * {a // b} = {a}", f"Result: {a // b}"]


def _columns(a: int, b: int) -> list[tuple[int, int]]:
    width = max(len(str(a)), len(str(b)))
    pairs = zip(reversed(f"{a:0{width}}"), reversed(f"{b:0{width}}"), strict=True)
    return [(int(x), int(y)) for x, y in pairs]


def _operands(random: Random, operation: str) -> tuple[int, int]:
    if operation == "*":
        return random.choice((random.randint(0, 12), random.randint(10, 999))), random.randint(0, 9)
    if operation == "/":
        divisor, quotient = random.randint(2, 10), random.randint(1, 12)
        return divisor * quotient, divisor
    a, b = _number(random), _number(random)
    if operation == "-" and a < b and random.random() < 0.85:
        a, b = b, a
    return a, b


def _number(random: Random) -> int:
    digits = random.choices((1, 2, 3, 4), (30, 40, 25, 5))[0]
    return random.randint(0 if digits == 1 else 10 ** (digits - 1), 10**digits - 1)


def _question(random: Random, operation: str, a: int, b: int) -> str:
    if random.random() < 0.18:
        story = random.choice(_STORIES[operation])
        return story.format(a=a, b=b, things=random.choice(_THINGS))
    wordings = _WORDINGS[operation]
    wording = random.choice((wordings[0], *wordings)).format(a=a, b=b)
    return random.choice(_FRAMES).format(wording)
