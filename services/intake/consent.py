"""What readers are told is kept of them, from the settings that decide it; what they agree to."""

from commentdesk.settings import Settings
from commentdesk.web import Texts


def agreement(settings: Settings) -> dict[str, str]:
    """What stands beside the words that are agreed to."""
    return {"version": settings.consent_version, "privacy_url": settings.privacy_url}


def what_is_kept(texts: Texts, settings: Settings, language: str) -> str:
    """In plain sentences: what, why, how long, and who else sees it."""
    # A phone that nobody is asked for is not kept.
    traces = "address" if settings.phone_field == "off" else "phone_and_address"
    keys = ["consent.words", f"consent.{traces}"]
    if settings.akismet_key.get_secret_value():
        keys.append("consent.passed_on")
    days = settings.retention_days
    return " ".join(texts.say(language, key, days=days) for key in keys)
