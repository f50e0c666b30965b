"""Whatever bears a Chinese and an English name."""


class Named:
    """A thing with the names `zh` and `en`, which its class declares among its fields."""

    zh: str
    en: str

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en
