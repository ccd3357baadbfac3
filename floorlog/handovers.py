"""Gather utterances into turns: open one, go on with one, settle those that are over."""

from __future__ import annotations

from dataclasses import replace

from floorlog.attribution import WEIGHTS, Evidence, combine
from floorlog.chair_voices import presumed
from floorlog.clock import Span
from floorlog.floor import Step
from floorlog.hindsight import by_thanks, by_voice, kept
from floorlog.known_voices import remembered
from floorlog.sayings import heard_from_chair, heard_from_holder, more_evidence
from floorlog.turns import Next, Over, Turn, Turns
from floorlog.utterances import Utterance
from floorlog.voices import Voice, cosine, merged, same_voice


def add(turns: Turns, utterance: Utterance, step: Step) -> tuple[Turns, tuple[Over, ...]]:
    """Add an utterance and return the turns that it settles, oldest first, and those settled before that it revises.

    Args:
        turns: Those so far.
        utterance: The next one.
        step: Whose it is, as `floor.decide` says.
    """
    turns = _clipped(turns, utterance.span.start_ms)
    over: tuple[Over, ...] = ()
    if step == "chair":
        if turns.find(turns.current) is None or not turns.chair_speaks:
            turns = replace(
                _opened(turns, Turn(utterance.span.start_ms, True, (utterance.span,))),
                chair_speaks=True,
                gave="nothing",
            )
        turns = heard_from_chair(_extended(turns, utterance), utterance)
        turns, over = by_thanks(turns, utterance)
    else:
        if (step == "new" and not _let_go_on(turns)) or turns.find(turns.holder) is None:
            turns, settled = _new_holder(turns, utterance)
            turns, revised = by_voice(turns)
            over = (*(Over(turn) for turn in settled), *revised)
            turns = kept(turns, settled)
        elif step != "same":
            turns = _resumed(turns, utterance)
        turns = heard_from_holder(_extended(turns, utterance), utterance)
    return replace(turns, closed="closes" in utterance.kinds), over


def _clipped(turns: Turns, at_ms: int) -> Turns:
    """End the current turn where the next utterance starts, if it reaches further."""
    turn = turns.find(turns.current)
    if turn is None or turn.spans[-1].end_ms <= at_ms:
        return turns
    return turns.put(replace(turn, spans=(*turn.spans[:-1], Span(turn.spans[-1].start_ms, at_ms))))


def _opened(turns: Turns, turn: Turn) -> Turns:
    return replace(turns, turns=(*turns.turns, turn), current=turn.opening_ms)


def _extended(turns: Turns, utterance: Utterance) -> Turns:
    turn = turns.find(turns.current)
    assert turn is not None
    last = turn.spans[-1]
    flags = turn.flags
    if utterance.last == utterance.first:
        flags |= {"speech-without-words"}
    return turns.put(
        replace(
            turn,
            spans=(*turn.spans[:-1], Span(last.start_ms, max(last.end_ms, utterance.span.end_ms))),
            words=turn.words + utterance.last - utterance.first,
            voice=_joined(turn.voice, _shared(utterance)),
            flags=flags,
        ),
    )


def _shared(utterance: Utterance) -> Voice | None:
    """Return an utterance's voice, heard only for as long as its share of the stretch."""
    voice = utterance.voice
    return voice and replace(voice, heard_ms=max(1, round(voice.heard_ms * utterance.share)))


def _joined(voice: Voice | None, other: Voice | None) -> Voice | None:
    """Return what a turn sounds like with one more stretch; of two strangers the one heard longer holds."""
    if voice is None or other is None or same_voice(voice, other) >= 0:
        return merged(voice, other)
    return other if other.heard_ms > voice.heard_ms else voice


def _new_holder(turns: Turns, utterance: Utterance) -> tuple[Turns, tuple[Turn, ...]]:
    turns = presumed(turns)
    before = turns.next
    cuts_in = not turns.chair_speaks or "point_of_order" in utterance.kinds or "point_of_order" in before.topics
    kept = {turns.holder if turns.interrupted is None else turns.interrupted} if cuts_in else set()
    if cuts_in and not turns.chair_speaks:
        kept.add(turns.holder)
    settled = tuple(turn for turn in turns.turns if turn.opening_ms not in kept)
    held = turns.held
    for turn in settled:
        if not turn.chair:
            held = turns.foreknown.held_by(combine(turn.evidence).entity, held)
    predicted = (*turns.expected, *_foreseen(turns, held, utterance))
    topics = before.topics | ({turns.lasting} if turns.lasting else set())
    known = turns.known
    for turn in settled:
        known = remembered(turns, turn, known)
    turn = Turn(
        utterance.span.start_ms,
        False,
        (utterance.span,),
        evidence=(*before.evidence, *predicted),
        on_behalf_of=before.on_behalf_of,
        topics=frozenset(topics),
        name_as_said=before.name_as_said,
        capacity=before.capacity,
        person=before.person,
    )
    interrupted = next(iter(sorted(item for item in kept if item is not None)), None)
    turns = replace(
        turns,
        turns=tuple(item for item in turns.turns if item.opening_ms in kept),
        holder=turn.opening_ms,
        interrupted=interrupted,
        next=Next(),
        expected=before.later,
        held=held,
        gave="nothing",
        chair_speaks=False,
        known=known,
    )
    return _opened(turns, turn), settled


def _foreseen(turns: Turns, held: int, utterance: Utterance) -> tuple[Evidence, ...]:
    """Return what the programme says about who begins to speak."""
    expected = turns.foreknown.expected(held)
    if expected is None:
        return ()
    return (Evidence("programme", "", utterance.span, WEIGHTS["programme"], expected, turns.channel),)


def _let_go_on(turns: Turns) -> bool:
    """Return whether the last the chair did was to let one go on by name who had the floor before."""
    let = {item.entity for item in turns.next.evidence if item.type == "resumed"}
    before = (turns.find(turns.holder), turns.find(turns.interrupted))
    return bool(let) and any(turn is not None and combine(turn.evidence).entity in let for turn in before)


def _resumed(turns: Turns, utterance: Utterance) -> Turns:
    """Go on with the last holder, or with the one whom it interrupted."""
    holder, interrupted = turns.find(turns.holder), turns.find(turns.interrupted)
    assert holder is not None
    back = holder
    if interrupted is not None:
        named = {item.entity for item in turns.next.evidence if item.type == "resumed"}
        if named:
            if combine(interrupted.evidence).entity in named:
                back = interrupted
        elif utterance.voice and holder.voice and interrupted.voice:
            if cosine(utterance.voice, interrupted.voice) > cosine(utterance.voice, holder.voice):
                back = interrupted
        elif "point_of_order" in holder.topics:
            back = interrupted
    back = replace(
        back,
        spans=(*back.spans, utterance.span),
        evidence=more_evidence(back.evidence, turns.next.evidence),
    )
    return replace(
        turns.put(back),
        current=back.opening_ms,
        holder=back.opening_ms,
        interrupted=None,
        next=Next(later=turns.next.later),
        gave="nothing",
        chair_speaks=False,
    )
