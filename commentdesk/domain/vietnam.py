"""Vietnam's numbers before its two changes of plan, and who has which mobile prefix now.

Area codes: decision 2036/QĐ-BTTTT of 21 November 2016 (Ministry of Information and
Communications), in three steps from 11 February to 17 June 2017. Mobile prefixes: the ministry's
plan of 28 May 2018 by circular 22/2014/TT-BTTTT, from 15 September 2018, the last seven digits
kept. Both as told to the ITU (E.164, country code 84). Numbers here are national, without the 0.
"""

_MOBILE_DIGITS, _OLD_MOBILE_DIGITS = 9, 10
_FIXED_DIGITS = 10
_AREA_DIGITS = 3
# What subscribers' numbers began with, so that a mistyped mobile number is no old landline.
_SUBSCRIBER = frozenset("234567")

NEW_MOBILE_PREFIX = {
    # Viettel
    **{"162": "32", "163": "33", "164": "34", "165": "35"},
    **{"166": "36", "167": "37", "168": "38", "169": "39"},
    # MobiFone
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    # VinaPhone
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    # Vietnamobile, Gmobile
    **{"186": "56", "188": "58", "199": "59"},
}
NEW_AREA_CODE = {
    # 11 February 2017: Sơn La to Hà Tĩnh
    **{"22": "212", "231": "213", "20": "214", "230": "215", "29": "216", "52": "232"},
    **{"53": "233", "54": "234", "510": "235", "511": "236", "37": "237", "38": "238"},
    "39": "239",
    # 15 April 2017: Quảng Ninh to Sóc Trăng
    **{"33": "203", "240": "204", "25": "205", "26": "206", "27": "207", "280": "208"},
    **{"281": "209", "320": "220", "321": "221", "241": "222", "31": "225", "351": "226"},
    **{"36": "227", "350": "228", "30": "229", "780": "290", "781": "291", "710": "292"},
    **{"711": "293", "74": "294", "76": "296", "77": "297", "79": "299"},
    # 17 June 2017: Hà Nội, Thành phố Hồ Chí Minh, and the rest
    **{"4": "24", "8": "28", "61": "251", "62": "252", "64": "254", "55": "255"},
    **{"56": "256", "57": "257", "58": "258", "68": "259", "60": "260", "501": "261"},
    **{"500": "262", "63": "263", "59": "269", "70": "270", "651": "271", "72": "272"},
    **{"73": "273", "650": "274", "75": "275", "66": "276", "67": "277"},
}
_PREFIXES_OF = {
    "Viettel": ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98"),
    "VinaPhone": ("81", "82", "83", "84", "85", "88", "91", "94"),
    "MobiFone": ("70", "76", "77", "78", "79", "89", "90", "93"),
    "Vietnamobile": ("52", "56", "58", "92"),
    "Gmobile": ("59", "99"),
    "Wintel": ("55",),
    "iTel": ("87",),
}
_CARRIERS = {prefix: name for name, prefixes in _PREFIXES_OF.items() for prefix in prefixes}


def new_numbers(old: str) -> list[str]:
    """What a number of the old plans may be today, the likeliest first; none if it is none."""
    found: list[str] = []
    if len(old) == _OLD_MOBILE_DIGITS and (prefix := NEW_MOBILE_PREFIX.get(old[:3])):
        found.append(prefix + old[3:])
    for digits in range(_AREA_DIGITS, 0, -1):
        code, subscriber = NEW_AREA_CODE.get(old[:digits], ""), old[digits:]
        right = len(code) + len(subscriber) == _FIXED_DIGITS
        if code and right and subscriber[0] in _SUBSCRIBER:
            found.append(code + subscriber)
    return found


def right_length(national: str) -> int | None:
    """How many digits a number that begins so has; None where several are right."""
    match national[:1]:
        case "3" | "5" | "8" | "9":
            return _MOBILE_DIGITS
        case "7" if not national.startswith("799"):
            return _MOBILE_DIGITS
        case "2":
            return _FIXED_DIGITS
    return None


def carrier_of(national: str) -> str:
    """Who was given the mobile prefix; numbers move with their owners, so it is a hint."""
    return _CARRIERS.get(national[:2], "")
