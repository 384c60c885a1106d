"""Times of schedules in words, in the language of whoever looks."""

import re
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from app.ui.lang.say import current, said, t
from app.workflows.cron import timetable

_DAYS = (
    said("Sunday"),
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
)
_SHORT = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_JAPANESE_DAYS = "月火水木金土日"
_FEW = 6


def in_words(cron: str, zone: str) -> str:
    """``Every weekday at 09:00``; what has no words in a language is shown as it was written.

    Raises:
        CronInvalidError: The expression or the zone cannot be used.
    """
    described = timetable(cron, zone).describe()
    return described if current() == "en" else _said(cron.split()) or t("At {cron}", cron=cron)


def day_and_time(at: float, zone: str) -> str:
    """A moment in a zone with its weekday, in the language's order."""
    moment = datetime.fromtimestamp(at, ZoneInfo(zone))
    match current():
        case "de":
            return f"{t(_DAYS[moment.isoweekday() % 7])[:2]}, {moment:%d.%m.%Y, %H:%M}"
        case "ja":
            return f"{moment:%Y/%m/%d}({_JAPANESE_DAYS[moment.weekday()]}) {moment:%H:%M}"
        case _:
            return f"{moment:%a %d %b %Y, %H:%M}"


def _said(fields: list[str]) -> str:
    minute, hour, day, month, weekday = fields
    if month != "*":
        return ""
    every = re.fullmatch(r"\*/(\d+)", minute)
    if hour == day == weekday == "*":
        if every and every[1] != "1":
            return t("Every {number} minutes", number=every[1])
        if minute.isdecimal():
            return t("Every hour") if minute == "0" else t("Every hour at minute {minute}", minute=minute)
        return t("Every minute") if minute in {"*", "*/1"} else ""
    times = _times(minute, hour)
    return _on_days(times, day, weekday) if times else ""


def _on_days(times: str, day: str, weekday: str) -> str:
    if day == "*":
        return _on_weekdays(times, weekday.upper())
    if weekday == "*" and re.fullmatch(r"\d+(,\d+)*", day):
        return t("On day {days} of each month at {times}", days=day.replace(",", ", "), times=times)
    return ""


def _on_weekdays(times: str, weekday: str) -> str:
    if weekday in {"*", "?"}:
        return t("Every day at {times}", times=times)
    if weekday in {"1-5", "MON-FRI"}:
        return t("Every weekday at {times}", times=times)
    if weekday in {"0,6", "6,0", "6,7", "SAT,SUN", "SUN,SAT"}:
        return t("Every weekend day at {times}", times=times)
    found = [_weekday(each) for each in weekday.split(",")]
    return t("Every {days} at {times}", days=", ".join(found), times=times) if all(found) else ""


def _weekday(name: str) -> str:
    if name in _SHORT:
        return t(_DAYS[_SHORT.index(name)])
    return t(_DAYS[int(name) % 7]) if re.fullmatch("[0-7]", name) else ""


def _times(minute: str, hour: str) -> str:
    """``09:00, 17:00``; empty where it is no short list of times."""
    lists = [each.split(",") for each in (hour, minute)]
    if not all(part.isdecimal() for each in lists for part in each):
        return ""
    found = sorted(f"{int(hours):02d}:{int(minutes):02d}" for hours, minutes in product(*lists))
    return ", ".join(found) if len(found) <= _FEW else ""
