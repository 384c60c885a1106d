"""Contract §1: the commands, beside a running server and by themselves."""

import json

import httpx
import pytest

from tests.support.site import KEY, ROOT, SECRET, Site, plain_graph


def test_the_start_prints_address_link_key_and_a_curl_that_works(site: Site):
    """What a newcomer sees is enough to trigger the first run."""
    text = (site.folder / "stdout").read_text()
    assert f"ready at {site.url}" in text
    assert f"{site.url}/login?token=" in text
    assert KEY in text
    assert f"curl -X POST {site.url}/v1/hooks/product-image" in text


def test_trigger_waits_for_the_pictures(site: Site):
    """`--wait` prints the job id and every asset_url, and exits 0."""
    done = site.command("trigger", "plain", "--set", "subject=A lamp", "--wait", SAKUGA_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    job, url = done.stdout.split()
    assert site.run(job)["status"] == "succeeded"
    assert httpx.get(url, trust_env=False).status_code == 200
    refused = site.command("trigger", "plain", SAKUGA_API_KEY=KEY)
    assert refused.returncode == 1
    assert "trigger.missing_field" in refused.stderr


def test_a_key_of_the_command_line_triggers(site: Site):
    """`key create` prints a key that works at once."""
    made = site.command("key", "create", "shop", "--caller", "shop-cli")
    assert made.returncode == 0, made.stderr
    answer = site.trigger(headers={"authorization": f"Bearer {made.stdout.strip()}"}, subject="x")
    assert answer.status_code == 202
    assert site.run(answer.json()["job_id"])["caller"] == "shop-cli"


def test_a_person_signs_in_by_the_printed_link(site: Site):
    """`user create` prints a link that signs in once."""
    link = site.command("user", "create", "anna@example.com", "--role", "viewer").stdout.strip()
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(link).status_code in {302, 303, 307}
        assert browser.get(f"{site.url}/v1/runs", params={"limit": 1}).status_code == 200
    assert httpx.get(f"{site.url}/login", params={"key": KEY}, trust_env=False).cookies


def test_files_go_in_and_come_out(site: Site, tmp_path):
    """`import` makes a draft the API shows, `export` prints it as it is stored."""
    file = tmp_path / "from-a-file.json"
    file.write_text(json.dumps(plain_graph()))
    assert site.command("import", str(file)).returncode == 0
    stored = site.http.get("/v1/workflows/from-a-file/draft").text
    assert site.command("export", "from-a-file").stdout == stored


@pytest.mark.parametrize("platform", ["instagram_story", "no-such-platform"])
def test_validate_says_what_the_server_says(site: Site, tmp_path, platform: str):
    """A file that passes on the command line passes on the server, and one that fails fails alike."""
    graph = json.loads((ROOT / "examples" / "product-image.json").read_text())
    fields = {each["name"]: each for each in graph["nodes"][0]["settings"]["fields"]}
    fields["target_platform"]["enum"] = ["web", platform]
    file = tmp_path / "file.json"
    file.write_text(json.dumps(graph))
    said = site.http.post("/v1/workflows/product-image/validate", json=graph).json()
    done = site.command("validate", str(file))
    assert said["valid"] is (platform == "instagram_story")
    assert (done.returncode == 0) is said["valid"], done.stdout
    for problem in said["problems"]:
        assert problem["message"] in done.stdout


def test_doctor_lists_every_setting_and_no_secret(site: Site):
    """All checks pass beside a running server, and nothing secret is shown."""
    done = site.command("doctor")
    assert done.returncode == 0, done.stdout
    assert "SAKUGA_EGRESS_ALLOW" in done.stdout
    assert "is ready" in done.stdout
    assert KEY not in done.stdout
    assert SECRET not in done.stdout
