"""URLs as written and addresses as resolved, against the policy."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.egress.errors import BlockedAddressError, UrlRefusedError
from app.egress.policy import EgressPolicy
from app.egress.rules import AllowRule

HERE = Path(__file__).parent
REFUSED = [json.loads(line) for line in (HERE / "refused_urls.jsonl").read_text("ascii").splitlines()]
ACCEPTED = [json.loads(line) for line in (HERE / "accepted_urls.jsonl").read_text("ascii").splitlines()]
PUBLIC = EgressPolicy()
UNUSABLE_RULES = """
    169.254.169.254 169.254.0.0/16 169.254.1.0/24 fe80::/10 fe80::1 [fe80::1]:80 ::ffff:169.254.0.0/112
    64:ff9b::a9fe:a9fe 10.0.0.0/33 10.0.0/8 10.0.0.0/8:0 10.0.0.0/8:x host:0 host:65536 host:80x host:
    :80 http://host host/path *.example.com 2130706433 127.1 0x7f.1 a..b -a host.
"""


def refusal(policy: EgressPolicy, url: str) -> UrlRefusedError:
    with pytest.raises(UrlRefusedError) as caught:
        policy.check_url(url)
    return caught.value


@pytest.mark.parametrize(("reason", "url"), REFUSED, ids=[ascii(url) for _, url in REFUSED])
def test_hostile_urls_are_refused_with_their_reason(reason: str, url: str) -> None:
    """Every line of the hostile corpus is refused, for the reason it names."""
    assert refusal(PUBLIC, url).reason == reason


@pytest.mark.parametrize(
    ("reason", "url"),
    [row for row in REFUSED if row[0] != "scheme"],
    ids=[ascii(row[1]) for row in REFUSED if row[0] != "scheme"],
)
def test_an_opened_host_opens_no_other_spelling(reason: str, url: str) -> None:
    """A rule for one receiver lets none of the hostile corpus through, nor its plain-http twin."""
    policy = EgressPolicy.of(["receiver.lan:9000", "10.9.8.7"])
    assert refusal(policy, url).reason == reason
    refusal(policy, url.replace("https", "http", 1))


@pytest.mark.parametrize(("host", "port", "target", "url"), ACCEPTED, ids=[ascii(row[3]) for row in ACCEPTED])
def test_good_urls_are_taken_apart_once(host: str, port: int, target: str, url: str) -> None:
    """Every public https URL passes and yields the host, port and target that will be used."""
    checked = PUBLIC.check_url(url)
    assert (checked.scheme, checked.host, checked.port, checked.target) == ("https", host, port, target)


def test_the_corpora_are_large_enough() -> None:
    """The gate holds at least 150 hostile and 25 good URLs, none twice."""
    assert len({url for _, url in REFUSED}) == len(REFUSED) >= 150
    assert len({row[3] for row in ACCEPTED}) == len(ACCEPTED) >= 25


def test_a_check_takes_at_most_five_milliseconds() -> None:
    """The best of three tries of each URL, the longest ones too, stays within 5 ms."""
    long = ["https://" + "ü." * 1000, "https://" + "a" * 2030, "https://e.com/" + "é" * 2000, "x" * 10**6]
    for url in [row[-1] for row in REFUSED + ACCEPTED] + long:
        assert min(_seconds(url) for _ in range(3)) < 0.005, ascii(url[:80])


def _seconds(url: str) -> float:
    start = time.perf_counter()
    with suppress(UrlRefusedError):
        PUBLIC.check_url(url)
    return time.perf_counter() - start


def test_the_length_limit_is_exact() -> None:
    """2048 characters pass, 2049 do not."""
    url = "https://example.com/"
    assert PUBLIC.check_url(url.ljust(2048, "a")).host == "example.com"
    assert refusal(PUBLIC, url.ljust(2049, "a")).reason == "length"


def test_host_length_limits() -> None:
    """A label has at most 63 characters and a name at most 253."""
    assert PUBLIC.check_url(f"https://{'a' * 63}.example/").host
    assert refusal(PUBLIC, f"https://{'a' * 64}.example/").reason == "host"
    assert refusal(PUBLIC, f"https://{'a.' * 130}example/").reason == "host"


@pytest.mark.parametrize(
    ("url", "netloc"),
    [
        ("https://example.com:443/", "example.com"),
        ("https://example.com:8443/", "example.com:8443"),
        ("https://[2606:4700::1]:8443/", "[2606:4700::1]:8443"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_host_header_form(url: str, netloc: str) -> None:
    """The Host header carries the ASCII name, brackets around IPv6 and no default port."""
    assert PUBLIC.check_url(url).netloc == netloc


@pytest.mark.parametrize(
    "answers",
    [
        [],
        ["127.0.0.1"],
        ["93.184.215.14", "10.0.0.1"],
        ["10.0.0.1", "93.184.215.14"],
        ["2606:4700::1", "fd00::1"],
        ["93.184.215.14", "::ffff:127.0.0.1"],
        ["93.184.215.14", "fe80::1%eth0"],
        ["93.184.215.14", "not an address"],
        ["93.184.215.14", "64:ff9b::a00:1"],
    ],
)
def test_one_bad_answer_refuses_the_whole_name(answers: list[str]) -> None:
    """A name with any inside, unreadable or missing address is refused, and no address is told."""
    with pytest.raises(BlockedAddressError) as caught:
        PUBLIC.check_addresses(PUBLIC.check_url("https://shop.example/"), answers)
    assert str(caught.value) == "shop.example leads to an address that outgoing requests may not reach"
    assert caught.value.code == "blocked_address"


def test_good_answers_keep_their_order() -> None:
    """Public answers come back parsed, in the resolver's order, without repeats."""
    url = PUBLIC.check_url("https://shop.example/")
    answers = ["2606:4700::1", "93.184.215.14", "2606:4700::1"]
    assert [str(a) for a in PUBLIC.check_addresses(url, answers)] == ["2606:4700::1", "93.184.215.14"]


@pytest.mark.parametrize(
    ("rules", "url"),
    [
        (["receiver.lan"], "http://receiver.lan/hook"),
        (["receiver.lan"], "http://receiver.lan:9000/hook"),
        (["receiver.lan"], "https://RECEIVER.lan:9000/hook"),
        (["receiver.lan:9000"], "http://receiver.lan:9000/hook"),
        (["my_service"], "http://my_service:8000/"),
        (["localhost"], "http://localhost:8000/"),
        (["127.0.0.1"], "http://127.0.0.1:8000/"),
        (["127.0.0.1:8000"], "http://127.0.0.1:8000/"),
        (["10.0.0.0/8"], "http://10.1.2.3/"),
        (["10.0.0.0/8:8080"], "http://10.1.2.3:8080/"),
        (["::1"], "http://[::1]:8000/"),
        (["[::1]:8000"], "http://[::1]:8000/"),
        (["fd00::/8"], "http://[fd12::1]/"),
        (["[fd00::/8]:8080"], "http://[fd12::1]:8080/"),
        (["0.0.0.0/0"], "http://192.168.0.1/"),
        (["bücher.lan"], "http://bücher.lan/"),
    ],
)
def test_opened_places_may_be_http_on_any_port(rules: list[str], url: str) -> None:
    """A rule opens its host, address or network to http, on its port or on all."""
    assert EgressPolicy.of(rules).check_url(url).opened


@pytest.mark.parametrize(
    ("rules", "url", "reason"),
    [
        (["receiver.lan:9000"], "http://receiver.lan:9001/", "scheme"),
        (["receiver.lan:9000"], "https://receiver.lan/", "host"),
        (["receiver.lan"], "http://evil.receiver.lan/", "scheme"),
        (["receiver.lan"], "http://receiver.lan.evil.example/", "scheme"),
        (["receiver.lan"], "ftp://receiver.lan/", "scheme"),
        (["receiver.lan"], "http://user@receiver.lan/", "userinfo"),
        (["receiver.lan"], "http://receiver.lan./", "host"),
        (["127.0.0.1"], "http://127.1/", "host"),
        (["127.0.0.1"], "http://2130706433/", "host"),
        (["127.0.0.1"], "http://[::ffff:127.0.0.1]/", "scheme"),
        (["127.0.0.1"], "https://[::ffff:127.0.0.1]/", "address"),
        (["127.0.0.1"], "http://localhost/", "scheme"),
        (["10.0.0.0/8:8080"], "http://10.1.2.3:8081/", "scheme"),
        (["10.0.0.0/8"], "https://11.0.0.1:22/", "port"),
        (["0.0.0.0/0"], "http://169.254.169.254/", "address"),
        (["::/0"], "http://[fe80::1]/", "address"),
        (["::/0"], "http://[::ffff:169.254.169.254]/", "address"),
        (["::/0"], "http://[64:ff9b::a9fe:a9fe]/", "address"),
        (["::/0"], "http://[2002:a9fe:a9fe::]/", "address"),
    ],
)
def test_a_rule_opens_nothing_beside_what_it_says(rules: list[str], url: str, reason: str) -> None:
    """Other ports, names, spellings and the link-local range stay closed."""
    assert refusal(EgressPolicy.of(rules), url).reason == reason


@pytest.mark.parametrize(
    ("rules", "url", "answers"),
    [
        (["shop.lan"], "http://shop.lan/", ["10.0.0.1", "::1"]),
        (["10.0.0.0/8"], "https://shop.example/", ["10.0.0.1"]),
        (["10.0.0.0/8:443"], "https://shop.example/", ["10.0.0.1", "93.184.215.14"]),
    ],
)
def test_opened_names_and_networks_may_be_inside(rules: list[str], url: str, answers: list[str]) -> None:
    """An opened name may lead inside, and any name may lead into an opened network."""
    policy = EgressPolicy.of(rules)
    assert len(policy.check_addresses(policy.check_url(url), answers)) == len(answers)


@pytest.mark.parametrize(
    ("rules", "url", "answers"),
    [
        (["shop.lan"], "http://shop.lan/", ["10.0.0.1", "169.254.169.254"]),
        (["shop.lan"], "http://shop.lan/", ["fe80::1%eth0"]),
        (["shop.lan"], "http://shop.lan/", ["::ffff:a9fe:a9fe"]),
        (["shop.lan"], "http://shop.lan/", ["64:ff9b::a9fe:a9fe"]),
        (["0.0.0.0/0", "::/0"], "https://shop.example/", ["169.254.1.1"]),
        (["10.0.0.0/8"], "https://shop.example/", ["10.0.0.1", "192.168.0.1"]),
        (["10.0.0.0/8:8443"], "https://shop.example/", ["10.0.0.1"]),
    ],
)
def test_rules_never_open_link_local_nor_neighbours(rules: list[str], url: str, answers: list[str]) -> None:
    """Behind a rule too, one link-local or unopened answer refuses the name."""
    policy = EgressPolicy.of(rules)
    with pytest.raises(BlockedAddressError):
        policy.check_addresses(policy.check_url(url), answers)


@pytest.mark.parametrize(
    "text",
    UNUSABLE_RULES.split(),
)
def test_unusable_rules_are_named(text: str) -> None:
    """A malformed or link-local rule is refused with the entry in the message."""
    with pytest.raises(ValueError, match=r"^'") as caught:
        AllowRule.parse(text)
    assert text in str(caught.value)
