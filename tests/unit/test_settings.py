"""A setting that cannot be used stops the start with one line that says what is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.settings import ActionSettings, SettingsError, load_settings, read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "80 80"),
        ("BOT_NOW", "gisteren"),
        ("CHAT_RATE_LIMIT", "veel"),
        ("CHAT_ALLOWED_ORIGINS", "*"),
        ("CHAT_ALLOWED_ORIGINS", "https://www.kortrijk.be/pad"),
        ("SECRET_KEY", "kort"),
        ("ACTION_TOKEN", ""),
        ("ACTIONS_URL", "actions:5055"),
        ("DATABASE_URL", "geen url"),
        ("DATABASE_URL", "mysql://localhost/x"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_secret_is_never_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "te kort geheim")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "te kort geheim" not in str(caught.value)


def test_the_clock_can_be_set_with_or_without_a_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_NOW", "2025-11-03T10:00:00")
    local = load_settings().bot_now
    assert local is not None
    assert local.utcoffset() == timedelta(hours=1)
    monkeypatch.setenv("BOT_NOW", "2025-11-03T09:00:00Z")
    assert load_settings().bot_now == local


def test_settings_do_not_change_afterwards() -> None:
    settings = load_settings()
    with pytest.raises(TypeError):
        settings.port = 1


def test_several_origins_and_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_ALLOWED_ORIGINS", "https://www.kortrijk.be http://localhost:8080")
    monkeypatch.setenv("CHAT_RATE_LIMIT", "off")
    settings = load_settings()
    assert settings.allowed_origins == {"https://www.kortrijk.be", "http://localhost:8080"}
    assert settings.rate is None


def test_the_action_server_is_on_this_machine_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(actions_port=5056).actions_address == "http://127.0.0.1:5056"
    monkeypatch.setenv("ACTIONS_URL", "http://actions:5055/")
    assert load_settings().actions_address == "http://actions:5055"


def test_the_hr_backend_may_have_a_name_without_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HR_URL", "http://hr:5060")
    assert read_settings(ActionSettings).hr_url == "http://hr:5060"
