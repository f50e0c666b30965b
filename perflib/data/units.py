"""Units of money as files state them: any currency, from the cent to the trillion."""

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal
from functools import cache

_SCALES = {
    word: scale
    for scale, words in {
        0.01: "cent cents centavo centavos centime centimes centimo centimos grosz grosze halere sen 分",
        1: "unit units",
        10**3: "thousand thousands thous k tys tis tisic miles ribu tausend tsd mille 000 000s 1000 千",
        10**4: "tenthousand",
        10**5: "lakh lakhs",
        10**6: "million millions mn m mio mln millon millones milhoes milhao juta",
        10**7: "crore crores",
        10**8: "hundredmillion",
        10**9: "billion billions bn mld mrd miliar miliard miliardy milliard milliards milyar 1000million",
        10**12: "trillion trillions tn triliun trilyun billon billones",
    }.items()
    for word in words.split()
}  # fmt: skip
_CHINESE = dict(zip("十百千万萬亿億兆", (10, 100, 10**3, 10**4, 10**4, 10**8, 10**8, 10**12), strict=True))
_KOREAN = str.maketrans("십백천만억조원", "十百千万亿兆元")
_CURRENCIES = (
    "人民币|元|圆|圓|円|yuan|rmb|yen|won|euros?|dollars?|dolares|pesos?|soles|sol|rupiahs?|rupees?|reais|real|"
    "zlotych|zloty|zl|korun|kc|shillings?|ksh|us[$]|r[$]|s|pounds?|francs?|rands?|rp|of|de|de la|in|w|v|[$€£¥₹₩₱₽₪₫₺]"
)

SIGNS = r"[A-Z]{0,3}[$£¥\u20a0-\u20cf]|Rp|S/|KShs?|Kč|zł|Rs"
"""How amounts bear their currency, beside its three letters and what its own country writes."""
_OWNERS = {
    "£": "GBP EGP LBP SYP SDG SSP GIP FKP SHP", "RP": "IDR", "S/": "PEN", "KSH": "KES", "KSHS": "KES", "KČ": "CZK",
    "ZŁ": "PLN", "RS": "INR PKR LKR NPR MUR SCR",
}  # fmt: skip
MARKS = {"IDR": {"rb": 10**3, "jt": 10**6, "M": 10**9, "T": 10**12}}
"""What stands behind an amount, by currency, where the whole country writes it so."""
LAKHS = ("INR", "PKR", "BDT", "NPR")
"""Currencies whose amounts are grouped by hundreds above the thousand: 1,30,000."""


@cache
def signs_of(currency: str) -> frozenset[str]:
    """What amounts bear in the countries that have the currency, in capitals.

    >>> sorted(signs_of("ZAR")), sorted(signs_of("NGN")), sorted(signs_of("MXN"))
    (['R', 'ZAR'], ['₦'], ['$'])
    """
    from babel.core import UnknownLocaleError, get_global
    from babel.languages import get_official_languages
    from babel.numbers import get_currency_symbol

    found = set()
    for place, held in get_global("territory_currencies").items():
        if any(code == currency and end is None for code, _, end, *_ in held):
            for language in get_official_languages(place, regional=True, de_facto=True):
                with suppress(UnknownLocaleError):
                    found.add(get_currency_symbol(currency, f"{language}_{place}"))
    return frozenset(unicodedata.normalize("NFKC", s).rstrip(".").upper() for s in found)


def may_bear(currency: str, sign: str) -> bool:
    """Whether amounts of the currency may bear the sign; letters that are no known sign tell nothing.

    >>> may_bear("EUR", "€"), may_bear("EUR", "$"), may_bear("MXN", "$"), may_bear("MXN", "£"), may_bear("HKD", "$")
    (True, False, True, False, True)
    """
    sign, own = unicodedata.normalize("NFKC", sign).rstrip(".").upper(), signs_of(currency)
    if sign in own or (sign == "$" and f"{currency[:2]}$" in own):
        return True
    owners = sign if sign in currencies() else _OWNERS.get(sign, "")
    return currency in owners.split() if owners else not any(unicodedata.category(c) == "Sc" for c in sign)


@cache
def currencies() -> frozenset[str]:
    """The three letters of every currency."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def plain(text: object) -> str:
    """`text` for comparing loosely: letters and digits only, without case and accents.

    >>> plain("CRED.INICIAL "), plain("Sección")
    ('credinicial', 'seccion')
    """
    bare = unicodedata.normalize("NFKD", str(text).replace("ł", "l").replace("Ł", "L")).casefold()
    return "".join(c for c in bare if c.isalnum())


@cache
def scale_of(text: str) -> float | None:
    """How many main units one `text` is; None if it is no unit.

    >>> scale_of("thousand EUR"), scale_of("百万円"), scale_of("천원"), scale_of("1000 Kč"), scale_of("apples")
    (1000, 1000000, 1000, 1000, None)
    """
    if not text.strip():
        return None
    bare = unicodedata.normalize("NFKC", text).replace("ł", "l").translate(_KOREAN)
    bare = unicodedata.normalize("NFKD", bare).casefold()
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    words = [w for w in re.split(r"[^\w$€£¥₹₩₱₽₪₫₺]+", bare) if w]
    if not words:
        return None
    left = [w for w in words if w.upper() not in currencies() and not re.fullmatch(_CURRENCIES, w)]
    word = re.sub(r"^人民币|(?:元|圆|圓|円|人民币)$", "", "".join(left))
    if word[-3:].upper() in currencies():
        word = word[:-3]
    if not word:
        return None if all(re.fullmatch("of|de|la|in|w|v", w) for w in words) else 1
    if word in _SCALES:
        return _SCALES[word]
    if re.fullmatch(r"1(?:0{1,12})|(10{0,3})?[十百千万萬亿億兆]+", word):
        out = int(re.match(r"\d*", word)[0] or 1)
        for char in re.sub(r"\d", "", word):
            out *= _CHINESE[char]
        return out
    return None


_SYMBOLS = {
    "CNY": "人民币|元|圆|yuan|rmb", "EUR": "欧元|euros?|[a-z]*€", "USD": "美元|us[$]", "HKD": "港[元币]|hk[$]", "GBP": "英镑|£",
    "JPY": "日元|円", "TWD": "台币|新台[币幣]|nt[$]", "KRW": "韩元|won|원", "INR": "rupees?|₹", "BRL": "reais|r[$]", "PLN": "zl",
}  # fmt: skip


@cache
def currency_of(text: str) -> str:
    """The currency that a unit or an amount names, "" where it names none.

    >>> currency_of("万美元"), currency_of("thousand EUR"), currency_of("万元"), currency_of("1000")
    ('USD', 'EUR', 'CNY', '')
    """
    bare = unicodedata.normalize("NFKC", text).casefold()
    words = [w for w in re.split(r"[\W\d_]+", bare.upper()) if w in currencies()]
    shapes = {c: rf"(?<![a-z])(?:{shape})(?![a-z])" for c, shape in _SYMBOLS.items() if c != "CNY"}
    others = [c for c, shape in shapes.items() if re.search(shape, bare)]
    return (words or others or ["CNY" if re.search(_SYMBOLS["CNY"], bare) else ""])[0]


def code_in(unit: str) -> str:
    """The currency that a unit names beyond doubt: by its three letters, or as a euro or a US dollar.

    >>> code_in("thousand SEK"), code_in("€"), code_in("千元")
    ('SEK', 'EUR', '')
    """
    found = [c for c in re.findall("[A-Z]{3}", unit) if c in currencies()]
    return (found or [c for c in (currency_of(unit),) if c in ("EUR", "USD")] or [""])[0]


_WORDS = {1: "元", 10**3: "千元", 10**4: "万元", 10**6: "百万元", 10**8: "亿元"}
_ABROAD = {0.01: "cents", 10**3: "thousand", 10**4: "ten thousand", 10**6: "million", 10**9: "billion"}


_YUAN = {"元": "yuan", "千元": "thousand yuan", "万元": "ten thousand yuan", "百万元": "million yuan",
         "亿元": "hundred million yuan"}  # fmt: skip


def in_english(text: str) -> str:
    """`text` with the unit of an amount in yuan in English.

    >>> in_english("123.46 万元"), in_english("1.50 EUR")
    ('123.46 ten thousand yuan', '1.50 EUR')
    """
    return re.sub(r"(?<=\d )[千万百亿]*元", lambda unit: _YUAN.get(unit[0], unit[0]), text)


def amount_text(cents: int, scale: float = 1, currency: str = "CNY") -> str:
    """Cents as they stand in a cell whose unit is `scale` main units.

    >>> amount_text(123456700, 10_000), amount_text(150, 1, "EUR"), amount_text(150000, 1000, "EUR")
    ('123.4567 万元', '1.50 EUR', '1.50 thousand EUR')
    """
    value = f"{(Decimal(int(cents)) / 100 / Decimal(str(scale))):,f}"
    if "." in value:
        value = value.rstrip("0").rstrip(".")
    whole, _, part = value.partition(".")
    value = f"{whole}.{part:0<2}"
    if currency == "CNY" and scale in _WORDS:
        return f"{value} {_WORDS[scale]}"
    return " ".join(w for w in (value, _ABROAD.get(scale, ""), currency) if w)
