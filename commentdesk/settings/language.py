"""The settings of languages."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class LanguageSettings(BaseSettings):
    """What the product speaks; a part of all settings."""

    default_language: str = Field(
        "vi", description="Language where the reader asks for none: vi, en, or one that was added"
    )
    texts: str = Field(
        "", description="Folder of languages added, a file each, such as th.json; empty: none"
    )

    @property
    def texts_folder(self) -> Path | None:
        """Where added languages lie; None where there is no such folder."""
        return Path(self.texts) if self.texts else None
