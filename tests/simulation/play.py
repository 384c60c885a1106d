"""How stories of the state machine are drawn: so many, of so many moves; again from a seed or a blob."""

from hypothesis import HealthCheck, Phase, reproduce_failure, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.machine import Machine
from tests.simulation.parts import Parts


def settings_for(examples: int, moves: int, *, derandomize: bool = False, shorten: bool = False) -> settings:
    """No deadline, no database of examples: what was found is found again by its seed.

    A story that breaks a rule is told as it was found, at once, or shortened first, which takes minutes.
    """
    phases = [Phase.reuse, Phase.generate, *([Phase.shrink] if shorten else [])]
    return settings(
        max_examples=examples,
        phases=phases,
        stateful_step_count=moves,
        deadline=None,
        database=None,
        derandomize=derandomize,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def play(
    parts: Parts, examples: int, moves: int, number: int, blob: str = "", *, shorten: bool = False
) -> None:
    """Play the stories of a seed, or the one of a blob as it was printed (``version:blob``).

    Raises:
        Exception: What broke a rule, with the story that breaks it and its blob.
    """
    made = type("Machine", (Machine,), {"parts": parts})
    if blob:
        version, _, text = blob.partition(":")
        made = reproduce_failure(version, text.encode())(made)
    else:
        made = seed(number)(made)
    run_state_machine_as_test(made, settings=settings_for(examples, moves, shorten=shorten))
