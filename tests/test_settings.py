from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.settings import FILE, Settings, keep_settings, kept_settings, load_settings


def settings(folder: Path, text: str = "", **environment: str) -> Settings:
    if text:
        (folder / FILE).write_text(text, "utf-8")
    return load_settings(folder, environment)


def test_without_a_file_the_defaults_count(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings()
    assert settings(tmp_path, HOME="/root", PATH="/bin") == Settings()


def test_settings_that_are_kept_come_back_without_the_password(tmp_path: Path) -> None:
    given = settings(tmp_path, 'mail_pmo = "pmo@x.example"\nstable_s = 2.5', PRESALES_MAIL_PASSWORD="geheim")
    keep_settings(given, tmp_path / "kept.json")
    assert "geheim" not in (tmp_path / "kept.json").read_text("utf-8")
    assert (tmp_path / "kept.json").stat().st_mode & 0o777 == 0o600
    assert kept_settings(tmp_path / "kept.json", {"PRESALES_MAIL_PASSWORD": "geheim"}) == given


@pytest.mark.parametrize("content", [None, "{", '{"no": 1}'])
def test_settings_that_were_not_kept_are_said_so(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "kept.json").write_text(content, encoding="utf-8")
    with pytest.raises(DefinitionError):
        kept_settings(tmp_path / "kept.json")


def test_nothing_waits_for_settings_that_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keep_settings(settings(tmp_path), tmp_path / "file" / "kept.json")


def test_the_file_then_the_environment(tmp_path: Path) -> None:
    text = 'lang = "en"\njobs = 2\nconvert_timeout_s = 60\n'
    assert settings(tmp_path, text) == Settings(lang="en", jobs=2, convert_timeout_s=60)
    assert settings(tmp_path, PRESALES_JOBS="4", PRESALES_LANG="zh") == Settings(jobs=4, convert_timeout_s=60)


def test_workbook_00_lies_where_the_file_says_from_its_own_place(tmp_path: Path) -> None:
    assert settings(tmp_path, 'company = "主数据/00.xlsx"').company == str(tmp_path / "主数据" / "00.xlsx")
    assert settings(tmp_path, 'company = "/srv/00.xlsx"').company == "/srv/00.xlsx"


def test_another_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    other = tmp_path / "etc" / "my.toml"
    other.write_text('company = "00.xlsx"\n', "utf-8")
    found = settings(tmp_path, "jobs = 9", PRESALES_CONFIG=str(other))
    assert found == Settings(company=str(tmp_path / "etc" / "00.xlsx"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("job = 2", r"presales.toml.*job.*did you mean jobs"),
        ("thresholds = 5", r"presales.toml.*thresholds"),
        ('jobs = "2"', r"presales.toml.jobs.*wrong type"),
        ("jobs = true", r"presales.toml.jobs.*wrong type"),
        ("jobs = 1.5", r"presales.toml.jobs.*wrong type"),
        ('lang = "de"', r"lang.*de.*zh"),
        ("jobs = \nlang = 'zh'", r"presales.toml.*line 1"),
    ],
)
def test_a_wrong_file_is_named_with_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        settings(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PRESALES_LANGUAGE", "zh", r"PRESALES_LANGUAGE.*did you mean lang"),
        ("PRESALES_JOBS", "two", r"PRESALES_JOBS.*two"),
        ("PRESALES_JOBS", "-1", r"PRESALES_JOBS.*-1"),
        ("PRESALES_JOBS", "", r"PRESALES_JOBS"),
        ("PRESALES_LANG", "de", r"lang.*de"),
        ("PRESALES_CONFIG", "/没有/presales.toml", r"/没有/presales.toml.*cannot read"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as problem:
        settings(tmp_path, **{name: value})
    assert problem.value.exit_code == 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('mail_host="mx"\nmail_from="a@b.cn"\nmail_security="ssl"', "mail_security"),
        ('mail_host="mx"\nmail_from="a@b.cn"\nmail_security="none"', "本机"),
        ('mail_host="localhost"\nmail_from="a@b.cn"\nmail_security="none"\nmail_user="u"', "不登录"),
        ('mail_host="mx"', "mail_from"),
        ('mail_host="mx"\nmail_from="张三 <a@b.cn>"', "mail_from"),
        ('mail_host="mx"\nmail_from="a@b.cn"\nmail_pmo="a@b.cn, c@d.cn"', "mail_pmo"),
        ('mail_host="mx"\nmail_from="a@b.cn"\nmail_daily_cap=0', "mail_daily_cap"),
        ('mail_password="x"', "mail_password_file"),
    ],
)
def test_settings_for_mail_are_strict(tmp_path, settings, said):
    (tmp_path / "presales.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(DefinitionError, match=said):
        load_settings(tmp_path, {})


def test_settings_for_mail(tmp_path):
    text = 'mail_host="localhost"\nmail_from="a@b.cn"\nmail_password_file="secret"\nmail_security="none"'
    (tmp_path / "presales.toml").write_text(text, encoding="utf-8")
    found = load_settings(tmp_path, {"PRESALES_MAIL_PASSWORD": "hidden", "PRESALES_MAIL_PORT": "2525"})
    assert (found.mail_password, found.mail_port) == ("hidden", 2525)
    assert found.mail_password_file == str(tmp_path / "secret")
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(("text", "value"), [("stable_s = 2.5", 2.5), ("stable_s = 3", 3.0)])
def test_seconds_may_have_fractions(tmp_path: Path, text: str, value: float) -> None:
    (tmp_path / "presales.toml").write_text(text, "utf-8")
    assert load_settings(tmp_path, {}).stable_s == value
    assert load_settings(tmp_path, {"PRESALES_STABLE_S": "0.5"}).stable_s == 0.5


@pytest.mark.parametrize("text", ["0", "nan", "bald"])
def test_seconds_that_cannot_be_are_said_with_an_example(tmp_path: Path, text: str) -> None:
    with pytest.raises(DefinitionError, match=r"2\.5"):
        load_settings(tmp_path, {"PRESALES_STABLE_S": text})
