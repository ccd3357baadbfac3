"""How the pages call things: kinds, states, evidence, causes of gaps, languages, times."""

from __future__ import annotations

from datetime import datetime

from floorlog.exports.wording import KINDS as KINDS
from floorlog.exports.wording import LANGUAGES as LANGUAGES
from floorlog.exports.wording import STATES as STATES
from floorlog.exports.wording import SUBDUED as SUBDUED
from floorlog.exports.wording import clock as clock
from floorlog.exports.wording import day as day
from floorlog.exports.wording import language as language
from floorlog.exports.wording import length as length

MEETING_STATES = {"scheduled": "Scheduled", "live": "Live", "ended": "Ended"}

EVIDENCE = {
    "given": "The chair gave the floor",
    "bare-name": "The chair called the name",
    "recognized": "The chair recognized the delegation",
    "resumed": "The chair let the delegation go on",
    "announced": "The chair announced who would come",
    "thanked": "The chair thanked afterwards",
    "introduced": "The speaker introduced the delegation",
    "self-reference": "The speaker named the delegation",
    "voice-known": "The voice is one heard before",
    "other-channel": "It was heard on another channel",
    "programme": "The programme expected it",
    "not-on-roster": "The delegation is not on the roster",
}

CAUSES = {
    "media-missing": "the stream never served this audio",
    "media-unreadable": "the stream served audio that cannot be decoded",
    "fell-behind": "the audio left the stream before it could be fetched",
    "discontinuity": "the stream’s clock jumped",
    "channel-missing": "the stream did not carry this channel then",
    "key-missing": "the stream is encrypted here, and the key could not be had",
    "segment-missing": "the recording of this stretch never arrived",
    "dead-letter": "this stretch arrived damaged and cannot be transcribed",
    "channel-ended-early": "the channel ended before the meeting did",
}

COVERAGE = {
    "words": ("Words", "Speech that was put into words, with the breaths between them."),
    "speech_without_words": ("Speech without words", "Somebody spoke, but no words were recognised."),
    "no_speech": ("No speech", "Pauses, applause, music."),
    "gap": ("Gap", "No audio."),
    "unheard": ("Not heard yet", "Audio that is still to be transcribed."),
}


def evidence(slug: str) -> str:
    """Return how a type of evidence is called; a new type is called by its slug."""
    return EVIDENCE.get(slug) or slug.replace("-", " ").replace("_", " ").capitalize()


OMISSIONS = {
    "speech-without-words": "somebody spoke, and no words are known",
    "channel-ended-early": "the channel ended before the meeting did",
    "channel-missing": "the channel was never heard",
}


def omission(reason: str, why: str | None) -> str:
    """Return what is missing, as part of a sentence."""
    return f"gap: {cause(why)}" if reason == "gap" else OMISSIONS.get(reason) or reason.replace("-", " ")


def cause(slug: str | None) -> str:
    """Return why audio is missing, as part of a sentence."""
    return CAUSES.get(slug or "") or (slug or "unknown cause").replace("-", " ")


def channel(name: str, of_language: str | None) -> str:
    """Return how a channel is called."""
    return "Floor" if name == "floor" else f"{language(of_language or name)} interpretation"


def utc(moment: datetime) -> str:
    """Return a moment's time of day in UTC."""
    return f"{moment:%H:%M:%S} UTC"


def percent(share: float) -> str:
    """Return a share as a whole percentage, never rounded up to certainty nor down to nothing."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        return "<1%"
    return f"{whole}%"


def confidence(probability: float) -> str:
    """Return how sure an attribution is; a machine is never certain."""
    return ">99%" if probability > 0.99 else percent(probability)
