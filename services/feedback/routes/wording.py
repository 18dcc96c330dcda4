"""The words of the pages themselves, in plain and in easy English; a questionnaire brings its own."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN = {
    "language": "This page in:",
    "optional": "You can leave out any question.",
    "send": "Send my answers",
    "save": "Save and go on later",
    "go_on": "Go on with answers that you saved",
    "key": "Your key",
    "open": "Open",
    "contact": "Do you want to know what we did about it?",
    "contact_hint": "Leave an e-mail address. It is kept apart from your answers, used once, and then erased.",
    "email": "E-mail address",
    "no_answer": "No answer",
    "trap": "Leave this field empty",
    "wrong": "Something needs another look",
    "saved": "Saved",
    "saved_text": "Your answers so far are kept. To go on later, open this page again and enter this key:",
    "sent": "Thank you",
    "sent_text": "Your answers have arrived. With this key you can read or erase them. It is shown only now:",
    "sent_before": "Thank you. Your answers arrived before; they are stored once.",
    "own": "Read or erase my answers",
    "next": "Next person",
    "erase": "Erase my answers",
    "erased": "Your answers have been erased.",
    "show": "Show my answers",
    "sheet": "Number of this sheet:",
    "screen": "You can answer on a phone instead.",
    "private": "Nobody here is told your name, your address or your device.",
}
EASY = {
    **PLAIN,
    "optional": "You do not have to answer every question.",
    "send": "Send",
    "save": "Stop now. Do the rest later.",
    "go_on": "Did you start before? Go on here.",
    "contact": "Do you want us to write to you?",
    "contact_hint": "We write to you one time. Then we delete your e-mail address.",
    "saved_text": "Write this down. You need it to go on:",
    "sent_text": "We have your answers. Write this down if you want to see or delete your answers:",
    "wrong": "Please look at this again",
    "private": "We do not know who you are.",
}


NAMES = {
    "en": "English",
    "en-x-easy": "Easy English",
    "cy": "Cymraeg",
    "ar": "العربية",
    "bn": "বাংলা",
    "fa": "فارسی",
    "gu": "ગુજરાતી",
    "pa": "ਪੰਜਾਬੀ",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "so": "Soomaali",
    "uk": "Українська",
    "ur": "اردو",
}
"""Languages by their own names, as those who read them look for them."""
FROM_THE_RIGHT = frozenset({"ar", "fa", "he", "ps", "ur"})


def direction(language: str) -> str:
    """From which side a language is written."""
    return "rtl" if language.split("-", maxsplit=1)[0] in FROM_THE_RIGHT else "ltr"


def words_in(language: str) -> Mapping[str, str]:
    """The words of the page for a language."""
    return EASY if language.endswith("-x-easy") else PLAIN
