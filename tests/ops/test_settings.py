"""The settings: defaults of contract §1, and a clear reason for every bad value."""

import subprocess
import sys

import pytest

from app.settings import Settings, SettingsError, describe, load_settings

WHSEC = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_defaults_are_the_contracts(tmp_path, monkeypatch):
    """With nothing set, everything is embedded in ./data and listens on loopback."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url_resolved == f"sqlite:///{tmp_path}/data/sakuga.db"
    assert settings.assets_url_resolved == f"file://{tmp_path}/data/assets"
    assert settings.retry_delays == (30, 120, 480)
    assert settings.egress_allow == ()
    assert settings.worker_processes >= 1
    assert settings.worker_threads >= 1


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DATABASE_URL", "mysql://somewhere/x", "postgresql://"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("REDIS_URL", "amqp://queue", "redis://"),
        ("SAKUGA_DATA_DIR", "/tmp/what?", "question mark"),
        ("SAKUGA_HOST", "not a host", "address or a host name"),
        ("SAKUGA_PORT", "http", "integer"),
        ("SAKUGA_PORT", "0", "greater than or equal to 1"),
        ("SAKUGA_PORT", "70000", "less than or equal to 65535"),
        ("SAKUGA_PUBLIC_URL", "sakuga.example", "http:// or https://"),
        ("SAKUGA_PUBLIC_URL", "https://x.example:99999", "ort"),
        ("SAKUGA_PUBLIC_URL", "https://x y", "plain ASCII"),
        ("SAKUGA_PUBLIC_URL", "https://x.example/'quoted'", "plain ASCII"),
        ("SAKUGA_PUBLIC_URL", "https://user:pass@x.example", "user name or a password"),
        ("DATABASE_URL", "postgresql://u:p@h:many/db", "'many' is no port"),
        ("REDIS_URL", "redis://queue:99999/0", "'99999' is no port"),
        ("SAKUGA_SECRET_KEY_FILE", "/dev/zero", "more than 4096 characters"),
        ("SAKUGA_BOOTSTRAP_KEY", "too-short", "24 to 255 printable ASCII"),
        ("SAKUGA_BOOTSTRAP_KEY", "ü" * 30, "24 to 255 printable ASCII"),
        ("SAKUGA_BOOTSTRAP_KEY", "a" * 256, "24 to 255 printable ASCII"),
        ("SAKUGA_BOOTSTRAP_WEBHOOK_SECRET", "secret", "whsec_"),
        ("SAKUGA_BOOTSTRAP_WEBHOOK_SECRET", "whsec_c2hvcnQ=", "24 to 64 bytes; these are 5"),
        ("SAKUGA_SECRET_KEY", "short", "at least 16"),
        ("SAKUGA_EGRESS_ALLOW", "http://10.0.0.1", "not a CIDR"),
        ("SAKUGA_EGRESS_ALLOW", "10.0.0.0/99", "not a CIDR"),
        ("SAKUGA_EGRESS_ALLOW", "receiver:0", "no port between 1 and 65535"),
        ("SAKUGA_EGRESS_ALLOW", "127.0.0.1,169.254.169.254", "link-local"),
        ("SAKUGA_EGRESS_ALLOW", "fe80::/10", "link-local"),
        ("SAKUGA_RETRY_DELAYS", "30,soon", "'soon' is not a number"),
        ("SAKUGA_RETRY_DELAYS", "30,-1", "'-1' must be between"),
        ("SAKUGA_RETRY_DELAYS", "nan", "must be between"),
        ("SAKUGA_ASSETS_URL", "/srv/assets", "file:///absolute/folder or s3://"),
        ("SAKUGA_WORKER_PROCESSES", "-1", "greater than or equal to 0"),
        ("SAKUGA_WORKER_THREADS", "many", "integer"),
        ("SAKUGA_LOG_LEVEL", "loud", "'debug', 'info'"),
    ],
)
def test_a_bad_value_names_its_variable_and_what_would_be_right(variable, value, reason):
    """Start-up stops with the variable's name and the reason (contract §1)."""
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings({variable: value})
    assert caught.value.variable == variable
    assert reason in caught.value.reason


def test_lists_and_addresses_are_read():
    """Comma-separated values become tuples, whatever the spaces; ports and brackets are understood."""
    settings = load_settings(
        {
            "SAKUGA_RETRY_DELAYS": "0.1, 2,30",
            "SAKUGA_EGRESS_ALLOW": "127.0.0.1:9000, [::1]:80,10.0.0.0/8,receiver.local",
        }
    )
    assert settings.retry_delays == (0.1, 2, 30)
    assert settings.egress_allow == ("127.0.0.1:9000", "[::1]:80", "10.0.0.0/8", "receiver.local")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgres_spelling_means_the_one_driver(scheme):
    """The usual URLs of hosting services work as they are."""
    settings = load_settings({"DATABASE_URL": f"{scheme}://u:p@db/x"})
    assert settings.database_url_resolved == "postgresql+psycopg://u:p@db/x"
    assert not settings.uses_sqlite


def test_valkey_urls_become_what_the_client_takes():
    """`valkey://` is the same protocol as `redis://`."""
    assert load_settings({"REDIS_URL": "valkey://queue:6379/0"}).redis_url == "redis://queue:6379/0"


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://localhost:9000"), ("::1", "http://[::1]:9000"), ("shop", "http://shop:9000")],
)
def test_the_public_url_follows_the_listen_address(host, url):
    """Links work on this machine also when the server listens on every address."""
    assert load_settings({"SAKUGA_HOST": host, "SAKUGA_PORT": "9000"}).public_url == url


def test_a_secret_may_come_from_a_file(tmp_path):
    """`SAKUGA_SECRET_KEY_FILE` is read, its last line break dropped; both forms at once are refused."""
    file = tmp_path / "secret"
    file.write_text("a secret of good length\n")
    assert load_settings({"SAKUGA_SECRET_KEY_FILE": str(file)}).secret_key == "a secret of good length"
    with pytest.raises(SettingsError, match="not both"):
        load_settings({"SAKUGA_SECRET_KEY_FILE": str(file), "SAKUGA_SECRET_KEY": "b" * 20})
    with pytest.raises(SettingsError, match="SAKUGA_SECRET_KEY_FILE: cannot read"):
        load_settings({"SAKUGA_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_the_generated_secret_is_found_in_the_data_folder(tmp_path):
    """A role started by hand uses the same secret key as `sakuga up` in that folder."""
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(SettingsError, match="SAKUGA_SECRET_KEY"):
        _ = settings.secret_key_resolved
    (tmp_path / "secret.key").write_text("generated\n")
    assert settings.secret_key_resolved == "generated"


def test_descriptions_cover_every_setting_and_show_no_secret():
    """`sakuga doctor` lists each variable with its meaning, secrets masked."""
    given = {
        "DATABASE_URL": "postgresql://user:hush-db@db/x?password=hush-query",
        "REDIS_URL": "redis://:hush-redis@queue:6379/0",
        "SAKUGA_BOOTSTRAP_KEY": "hush-" * 6,
        "SAKUGA_BOOTSTRAP_WEBHOOK_SECRET": WHSEC,
        "SAKUGA_SECRET_KEY": "hush-" * 6,
    }
    settings = load_settings(given)
    rows = describe(settings)
    assert len(rows) == len(Settings.model_fields)
    assert all(variable.isupper() and meaning for variable, _, meaning in rows)
    for text in (repr(rows), repr(settings)):
        assert "hush" not in text
        assert WHSEC not in text


def test_direct_construction_reads_no_environment(monkeypatch):
    """Only `load_settings` looks at the environment, so a test cannot be steered from outside."""
    monkeypatch.setenv("SAKUGA_PORT", "9999")
    assert Settings().port == 8080
    assert load_settings().port == 9999


def test_importing_the_settings_pulls_in_nothing_heavy():
    """Every role and command imports this module first."""
    code = "import sys, app.settings; print({'sqlalchemy', 'nicegui', 'fastapi'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
