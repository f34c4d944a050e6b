from simulator.tokens import Tokens


def test_tokens_differ_and_last() -> None:
    tokens = Tokens(60)
    one, two = tokens.issue(), tokens.issue()
    assert one != two
    assert not tokens.expired(one)
    assert not tokens.expired("of unknown origin")


def test_tokens_run_out() -> None:
    tokens = Tokens(0)
    assert tokens.expired(tokens.issue())
