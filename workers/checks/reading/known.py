"""Hosts, endings and words that the reading knows."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORTENERS = _words(
    "bit.ly tinyurl.com goo.gl t.co is.gd ow.ly cutt.ly rb.gy shorturl.at s.id t.ly rebrand.ly "
    "buff.ly adf.ly bom.so by.com.vn v.gd lnkd.in tiny.cc clck.ru vk.cc page.link shorten.asia "
    "tinyurl.ph bitly.com.vn soo.gd qr.ae cutt.us short.gy"
)
MESSENGERS = _words(
    "t.me telegram.me zalo.me m.me wa.me chat.zalo.me viber.me line.me chat.whatsapp.com "
    "api.whatsapp.com fb.me ig.me zaloapp.com"
)
# Hosts that many people link to, each for something else: a link to one has nothing in common with
# the next. Offices' and schools' are below `gov` and `edu`.
WELL_KNOWN = _words(
    "youtube.com youtu.be facebook.com fb.com fb.watch instagram.com threads.net tiktok.com x.com "
    "twitter.com linkedin.com pinterest.com reddit.com zalo.me telegram.org whatsapp.com viber.com "
    "google.com google.com.vn gmail.com yahoo.com outlook.com hotmail.com icloud.com live.com "
    "bing.com coccoc.com duckduckgo.com wikipedia.org wikimedia.org archive.org github.com "
    "change.org apple.com microsoft.com amazon.com netflix.com spotify.com soundcloud.com "
    "vimeo.com "
    "imgur.com flickr.com medium.com quora.com stackoverflow.com openstreetmap.org chatgpt.com "
    "shopee.vn lazada.vn tiki.vn sendo.vn chotot.com ebay.com paypal.com momo.vn grab.com "
    "vnexpress.net tuoitre.vn thanhnien.vn dantri.com.vn vietnamnet.vn zingnews.vn znews.vn "
    "laodong.vn nld.com.vn vtv.vn vov.vn vietnamplus.vn nhandan.vn tienphong.vn plo.vn kenh14.vn "
    "cafef.vn genk.vn 24h.com.vn soha.vn sggp.org.vn voz.vn tinhte.vn webtretho.com otofun.net "
    "bbc.com bbc.co.uk cnn.com nytimes.com washingtonpost.com theguardian.com reuters.com "
    "apnews.com "
    "bloomberg.com wsj.com ft.com economist.com forbes.com huffingtonpost.com theglobeandmail.com "
    "cbc.ca nationalpost.com thestar.com aljazeera.com dw.com rfi.fr lemonde.fr spiegel.de "
    "nature.com science.org sciencedirect.com who.int un.org worldbank.org imf.org oecd.org "
    "gov edu mil gov.vn edu.vn gc.ca gov.uk ac.uk gov.au edu.au europa.eu"
)
# Endings of hosts that nobody takes for a word.
NEVER_A_WORD = _words("com net org edu gov vn info xyz biz ru")
# Endings that are words too, in Vietnamese ("cao.Có", "xong.do đó"), or parts of titles, or files.
ALSO_A_WORD = _words(
    "co ai la to me my do in is it so no at be vi ma bi ca se ba an ly mo lu de the tu hay bs ts "
    "us am as id now men nu ne pa ph ml gi mu mt mil py md sh zip mov rs pl ps cc tv"
)
ENGLISH_WORDS = _words("is it so at be do as am in to no us")
# New endings that advertisers like; as words they are no Vietnamese.
ADVERTISERS_ENDINGS = _words(
    "top vip bet club xyz win shop app pro fun link site icu live cyou sbs"
)
# What stands before "dot com" in a sentence.
NO_LABELS = _words("the a an this that of and or my your every in dau")
# What digits are called, without diacritics.
DIGITS = {
    word: digit
    for digit, words in {
        "0": "khong linh le zero",
        "1": "mot one",
        "2": "hai two",
        "3": "ba three",
        "4": "bon tu four",
        "5": "nam lam five",
        "6": "sau six",
        "7": "bay seven",
        "8": "tam eight",
        "9": "chin nine",
    }.items()
    for word in words.split()
}
